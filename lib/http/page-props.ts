import type { IncomingMessage } from 'node:http';
import type { ParsedUrlQuery } from 'node:querystring';
import type { GetServerSideProps, GetServerSidePropsContext, Redirect } from 'next';
import type { Config } from '@/lib/config/config';
import type { PageCountry, PageState } from '@/lib/contract';
import { AppError, ERRORS, type ErrorSubjects } from '@/lib/errors';
import { messagesFor } from '@/lib/i18n';
import { createCountryLists } from '@/lib/i18n/countries';
import { directionOf, isLanguage, type Language } from '@/lib/i18n/languages';
import type { Messages } from '@/lib/i18n/messages';
import { guessCountry, negotiateLanguage } from '@/lib/i18n/negotiate';
import { exampleNumber } from '@/lib/methods/phone/example-number';
import { pendingVerification } from '@/lib/methods/phone/pending-verification';
import { formatPhoneNumber } from '@/lib/methods/phone/phone-number';
import type { Report } from '@/lib/observability/events';
import type { Dependencies } from '@/lib/verification/dependencies';
import { findSession } from '@/lib/verification/session';
import type { Brand } from './brand';
import { callerOf } from './caller';
import { readCookie, setCookie } from './cookies';
import { readLanguageForm } from './language-form';
import { keepTyped, takeProblem } from './problem';
import { refuse } from './refuse';

/** The services that pages are rendered with. */
type PageServices = Dependencies & { readonly brand: Brand; readonly report: Report };

const ERROR_SUBJECTS = Object.fromEntries(
  Object.entries(ERRORS).map(([code, { about }]) => [code, about]),
) as ErrorSubjects;

/** The language that the person chose before, otherwise the one that the browser asks for. */
function languageOf(request: IncomingMessage, config: Config): Language {
  const chosen = readCookie(request, config, 'language');
  return isLanguage(chosen) ? chosen : negotiateLanguage(request.headers['accept-language']);
}

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
async function readProgress(services: Dependencies, request: IncomingMessage) {
  const caller = callerOf(request, services.config);
  try {
    const [pending, session] = await Promise.all([
      pendingVerification(services, caller),
      findSession(services, caller.sessionToken),
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
function chooseLanguage(
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
    const { config, brand } = getServices();
    const redirect = chooseLanguage(context, config);
    if (redirect) return redirect;
    const language = languageOf(context.req, config);
    const messages = messagesFor(language, brand.page.name);
    return {
      props: { brand: brand.page, language, messages, title: titleOf(messages), direction: directionOf(language) },
    };
  };

/** The reply is complete before there is anything to show. */
const NOT_SHOWN = { props: {} as PageState };

/**
 * The answer to a language form: keeps the language and the typed number in cookies, and redirects to the page, so that a
 * reload sends no form.
 */
async function keepLanguageForm({ req, res }: GetServerSidePropsContext, services: PageServices) {
  try {
    const { language, typed } = await readLanguageForm(req, services.config);
    setCookie(res, services.config, 'language', language);
    keepTyped(res, services, typed);
    return { redirect: { destination: '/', statusCode: 303 } as const };
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
  let countriesIn: ReturnType<typeof createCountryLists> | undefined;

  return async (context) => {
    const { req, res, query } = context;
    const services = getServices();
    const { config, brand } = services;
    res.setHeader('Cache-Control', 'no-store');
    if (req.method === 'POST') return keepLanguageForm(context, services);
    const redirect = chooseLanguage(context, config);
    if (redirect) return redirect;
    countriesIn ??= createCountryLists(config.allowedCountries, config.blockedCountries);
    const language = languageOf(req, config);
    const countries = countriesIn(language);
    const progress = { ...(await readProgress(services, req)), ...takeProblem(req, res, services) };
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
      continueUrl: config.continueUrl ?? null,
      inboxUrl: config.demoInboxUrl ?? null,
    };
    return { props };
  };
}
