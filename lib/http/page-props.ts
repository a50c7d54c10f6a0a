import type { IncomingMessage } from 'node:http';
import type { ParsedUrlQuery } from 'node:querystring';
import type { GetServerSideProps, GetServerSidePropsContext, Redirect } from 'next';
import { HOME } from '@/lib/base-path';
import type { Config } from '@/lib/config/config';
import type { PageCountry, PageState } from '@/lib/contract';
import { AppError, ERRORS, type ErrorSubjects } from '@/lib/errors';
import { messagesFor } from '@/lib/i18n';
import { createCountryLists } from '@/lib/i18n/countries';
import { directionOf, isLanguage, type Language } from '@/lib/i18n/languages';
import type { Messages } from '@/lib/i18n/messages';
import { guessCountry } from '@/lib/i18n/negotiate';
import { exampleNumber } from '@/lib/methods/phone/example-number';
import { pendingVerification } from '@/lib/methods/phone/pending-verification';
import { formatPhoneNumber } from '@/lib/methods/phone/phone-number';
import type { Dependencies } from '@/lib/verification/dependencies';
import { findSession } from '@/lib/verification/session';
import { callerOf } from './caller';
import { setCookie } from './cookies';
import { languageOf } from './language';
import { readLanguageForm } from './language-form';
import { callerIn, type OpenLogin } from './login';
import { earlierSession, pageLogin, typedFor } from './login-page';
import { keepTyped, takeProblem } from './problem';
import { refuse } from './refuse';
import type { Services } from './route';

/** The services that pages are rendered with. */
export type PageServices = Dependencies & Pick<Services, 'brand' | 'report' | 'openid'>;

const ERROR_SUBJECTS = Object.fromEntries(
  Object.entries(ERRORS).map(([code, { about }]) => [code, about]),
) as ErrorSubjects;

/** The person's likely country; without any sign of it the first allowed one, the home country, or that of the language. */
function likelyCountry(
  request: IncomingMessage,
  language: Language,
  countries: readonly PageCountry[],
  config: Config,
) {
  const guesses = [
    guessCountry(request.headers['accept-language']),
    ...(config.allowedCountries ?? []),
    config.guard.homeCountry,
    guessCountry(language),
  ];
  const isOffered = (guess: string | undefined) => countries.some(({ code }) => code === guess);
  return guesses.find(isOffered) ?? countries[0]?.code ?? '';
}

const NOTHING_KNOWN = { pending: null, verifiedNumber: null, verifiedNumberText: null };

/**
 * The verification or session that this browser has. While the store is down, the page still loads and shows its first
 * screen.
 */
async function readProgress(services: PageServices, request: IncomingMessage, login: OpenLogin | undefined) {
  const own = callerOf(request, services.config);
  const caller = login ? callerIn(login, own, request, services) : own;
  try {
    const [pending, session] = await Promise.all([
      pendingVerification(services, caller),
      login ? earlierSession(services, login, own) : findSession(services, caller.sessionToken),
    ]);
    const verifiedNumber = session?.phoneNumber ?? null;
    return {
      pending: pending ?? null,
      verifiedNumber,
      verifiedNumberText: verifiedNumber && formatPhoneNumber(verifiedNumber),
    };
  } catch (error) {
    if (error instanceof AppError) return NOTHING_KNOWN;
    throw error;
  }
}

type Progress = Pick<PageState, 'pending' | 'verifiedNumber' | 'problem' | 'typed'>;

function stepOf({ pending, verifiedNumber, problem, typed }: Progress, query: ParsedUrlQuery): PageState['step'] {
  if (query.step === 'phone' || problem?.at === 'phone' || typed) return 'phone';
  if (pending) return 'code';
  return verifiedNumber === null ? 'phone' : 'verified';
}

/** The answer to `?lang=`: keeps the language for a year, and redirects to the page without the parameter. */
export function chooseLanguage(
  { query, res, resolvedUrl }: GetServerSidePropsContext,
  config: Config,
): { redirect: Redirect } | undefined {
  if (!isLanguage(query.lang)) return undefined;
  setCookie(res, config, 'language', query.lang);
  const [path] = resolvedUrl.split('?');
  return { redirect: { destination: query.step === 'phone' ? `${path}?step=phone` : `${path}`, statusCode: 303 } };
}

/** The props of a page that consists of texts. */
export interface TextState extends Pick<PageState, 'brand' | 'language' | 'messages'> {
  /** Title of the document. */
  readonly title: string;
  readonly direction: 'ltr' | 'rtl';
}

/**
 * Creates the `getServerSideProps` of a page with texts.
 * @param titleOf picks its title
 */
export const textProps =
  (getServices: () => PageServices, titleOf: (messages: Messages) => string): GetServerSideProps<TextState> =>
  async (context) => {
    const services = getServices();
    const redirect = chooseLanguage(context, services.config);
    if (redirect) return redirect;
    const texts = textsOf(context, services);
    return { props: { ...texts, title: titleOf(texts.messages) } };
  };

/** What a page of texts shows, apart from its title. */
export function textsOf({ req }: GetServerSidePropsContext, { config, brand }: PageServices): Omit<TextState, 'title'> {
  const language = languageOf(req, config);
  const messages = messagesFor(language, brand.page.name);
  return { brand: brand.page, language, messages, direction: directionOf(language) };
}

/** The reply is complete before there is anything to show. */
export const NOT_SHOWN = { props: {} as PageState };

/**
 * The answer to a language form: keeps the language and the typed number in cookies, and redirects to the page, so that a
 * reload sends no form.
 */
async function keepLanguageForm({ req, res }: GetServerSidePropsContext, services: PageServices, page: string) {
  try {
    const { language, typed } = await readLanguageForm(req, services.config);
    setCookie(res, services.config, 'language', language);
    keepTyped(res, services, typed);
    return { redirect: { destination: page, basePath: false, statusCode: 303 } as const };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const { event } = ERRORS[error.code];
    if (event) services.report(event);
    refuse(req, res, error);
    return NOT_SHOWN;
  }
}

/**
 * Makes the main page's `getServerSideProps`. It sends no message.
 * @param titleOf picks the document's title; leave it out for a page that sets its own
 */
export function pageProps(
  getServices: () => PageServices,
  titleOf?: (messages: Messages) => string,
): GetServerSideProps<PageState & Partial<TextState>> {
  const stateOf = createPageState();
  return async (context) => {
    const services = getServices();
    context.res.setHeader('Cache-Control', 'no-store');
    if (context.req.method === 'POST') return keepLanguageForm(context, services, HOME);
    return chooseLanguage(context, services.config) ?? { props: await stateOf(context, services, titleOf) };
  };
}

/** Makes what `pageProps` and the page of a login show. Lists of countries are made once. */
export function createPageState() {
  const lists = new Map<string, ReturnType<typeof createCountryLists>>();

  function countriesIn(language: Language, { allowedCountries, blockedCountries }: Config) {
    const key = String(allowedCountries);
    const list = lists.get(key) ?? createCountryLists(allowedCountries, blockedCountries);
    lists.set(key, list);
    return list(language);
  }

  return async (
    { req, res, query }: GetServerSidePropsContext,
    services: PageServices,
    titleOf?: (messages: Messages) => string,
    login?: OpenLogin,
  ): Promise<PageState & Partial<TextState>> => {
    const { config, brand } = services;
    const language = languageOf(req, config, login);
    const countries = countriesIn(language, config);
    const progress = { ...(await readProgress(services, req, login)), ...takeProblem(req, res, services) };
    const messages = messagesFor(language, brand.page.name);
    const country = likelyCountry(req, language, countries, config);
    const props: PageState & Partial<TextState> = {
      ...(titleOf && { title: titleOf(messages) }),
      direction: directionOf(language),
      brand: brand.page,
      language,
      messages,
      errorSubjects: ERROR_SUBJECTS,
      countries,
      country,
      example: exampleNumber(progress.typed?.country || country),
      callCountries:
        config.voiceCountries?.filter((code) => countries.some((country) => country.code === code)) ?? null,
      step: stepOf(progress, query),
      ...progress,
      typed: progress.typed ?? typedFor(login),
      login: login ? pageLogin(login, brand) : null,
      continueUrl: config.continueUrl ?? null,
      inboxUrl: config.demoInboxUrl ?? null,
    };
    return props;
  };
}
