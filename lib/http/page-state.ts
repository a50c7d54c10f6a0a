import type { IncomingMessage } from 'node:http';
import type { Config } from '@/lib/config/config';
import type { FactorType, PageCountry, PageState } from '@/lib/contract';
import { AppError, ERRORS, type ErrorSubjects } from '@/lib/errors';
import { messagesFor } from '@/lib/i18n';
import { createCountryLists } from '@/lib/i18n/countries';
import { isLanguage, type Language } from '@/lib/i18n/languages';
import { guessCountry } from '@/lib/i18n/negotiate';
import { exampleNumber } from '@/lib/methods/phone/example-number';
import { pendingVerification } from '@/lib/methods/phone/pending-verification';
import { formatPhoneNumber } from '@/lib/methods/phone/phone-number';
import type { Dependencies } from '@/lib/verification/dependencies';
import { findSession, type Session } from '@/lib/verification/session';
import { callerOf } from './caller';
import { languageOf } from './language';
import { callerIn, type OpenLogin } from './login';
import { earlierSession, pageLogin, typedFor } from './login-page';
import { NOTHING_KEPT } from './problem';
import type { RouteCall, Services } from './route';

/** The services that rendering a page needs. */
export type PageServices = Dependencies & Pick<Services, 'brand' | 'report' | 'openid'>;

/** What each error code is about. */
export const ERROR_SUBJECTS = Object.fromEntries(
  Object.entries(ERRORS).map(([code, { about }]) => [code, about]),
) as ErrorSubjects;

/**
 * The person's likely country. If `Accept-Language` does not tell, this is the first allowed country, the home country,
 * or that of the page's language.
 */
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

const NOTHING_KNOWN = { pending: null, verifiedNumber: null, verifiedNumberText: null, unused: null };

/**
 * The number's factors that are stronger than what the session used; null if the session used the strongest, or if
 * there is no session.
 */
const unusedIn = (session: Session | undefined): readonly FactorType[] | null =>
  session && session.acr !== 'phr' ? (session.stronger ?? []) : null;

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
      unused: unusedIn(session),
    };
  } catch (error) {
    if (error instanceof AppError) return NOTHING_KNOWN;
    throw error;
  }
}

type Progress = Pick<PageState, 'pending' | 'verifiedNumber' | 'problem' | 'typed'>;

function stepOf({ pending, verifiedNumber, problem, typed }: Progress, asked: unknown): PageState['step'] {
  if (asked === 'phone' || problem?.at === 'phone' || typed) return 'phone';
  if (pending) return 'code';
  return verifiedNumber === null ? 'phone' : 'verified';
}

/** What the state of a page depends on, besides the browser's cookies. */
export interface StateRequest {
  readonly language: Language;
  /** `phone` for that screen, whatever the browser's progress. Any other value has no effect. */
  readonly step: unknown;
  /** What a form that was submitted without script left for the next page. */
  readonly kept: Pick<PageState, 'problem' | 'typed'>;
  /** The login at another application that the page belongs to. */
  readonly login?: OpenLogin | undefined;
  /** Whether the page is at our own address. A passkey works nowhere else. */
  readonly isOurPage: boolean;
}

/** Makes the function that reads what a page shows. It builds each list of countries once. */
export function createPageState() {
  const lists = new WeakMap<Config, ReturnType<typeof createCountryLists>>();

  function countriesIn(language: Language, config: Config) {
    const list = lists.get(config) ?? createCountryLists(config.allowedCountries, config.blockedCountries);
    lists.set(config, list);
    return list(language);
  }

  return async (
    services: PageServices,
    request: IncomingMessage,
    { language, step, kept, login, isOurPage }: StateRequest,
  ): Promise<PageState> => {
    const { config, brand } = services;
    const countries = countriesIn(language, config);
    const { unused, ...read } = await readProgress(services, request, login);
    const progress = { ...read, ...kept };
    const country = likelyCountry(request, language, countries, config);
    return {
      brand: brand.page,
      language,
      messages: messagesFor(language, brand.page.name),
      errorSubjects: ERROR_SUBJECTS,
      countries,
      country,
      example: exampleNumber(progress.typed?.country || country),
      callCountries:
        config.voiceCountries?.filter((code) => countries.some((country) => country.code === code)) ?? null,
      step: stepOf(progress, step),
      ...progress,
      typed: progress.typed ?? typedFor(login),
      login: login ? pageLogin(login, brand) : null,
      factors: isOurPage && config.factors ? { unused } : null,
      continueUrl: config.continueUrl ?? null,
      inboxUrl: config.demoInboxUrl ?? null,
    };
  };
}

/**
 * Makes the handler of `GET /api/page-state`, for pages of other apps. The handler changes nothing: `lang` in the query
 * sets no cookie, and the outcome of a form stays for the page that the form led to.
 */
export function createPageStateHandler() {
  const stateOf = createPageState();
  return ({ services, request, log }: RouteCall): Promise<PageState> => {
    const { lang, step } = request.query;
    const language = isLanguage(lang) ? lang : languageOf(request, services.config);
    return log.store(stateOf(services, request, { language, step, kept: NOTHING_KEPT, isOurPage: false }));
  };
}
