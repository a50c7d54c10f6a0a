import type { IncomingMessage } from 'node:http';
import type { ParsedUrlQuery } from 'node:querystring';
import type { GetServerSideProps } from 'next';
import type { Config } from '@/lib/config';
import type { PageCountry, PageState } from '@/lib/contract';
import { AppError } from '@/lib/errors';
import { MESSAGES } from '@/lib/i18n';
import { createCountryLists } from '@/lib/i18n/countries';
import { isLanguage, type Language } from '@/lib/i18n/languages';
import { guessCountry, negotiateLanguage } from '@/lib/i18n/negotiate';
import type { Dependencies } from '@/lib/verification/dependencies';
import { pendingVerification } from '@/lib/verification/pending-verification';
import { findSession } from '@/lib/verification/session';
import { readCookie, setCookie } from './cookies';
import { readProblem } from './problem';

type PageRequest = IncomingMessage & { cookies: Partial<Record<string, string>> };

/** The one chosen before, else the one the browser asks for. */
function languageOf(request: PageRequest, config: Config): Language {
  const chosen = readCookie(request, config, 'language');
  return isLanguage(chosen) ? chosen : negotiateLanguage(request.headers['accept-language']);
}

/** The country that somebody is likely in; where nothing tells, the first allowed one, or that of the language. */
function likelyCountry(request: PageRequest, language: Language, countries: readonly PageCountry[], config: Config) {
  const guesses = [guessCountry(request.headers['accept-language']), ...(config.allowedCountries ?? [])];
  const isOffered = (guess: string | undefined) => countries.some(({ code }) => code === guess);
  return guesses.find(isOffered) ?? guessCountry(language) ?? '';
}

/** What this browser is about. Without the store the page still comes, at its first screen. */
async function readProgress(services: Dependencies, request: PageRequest) {
  try {
    const [pending, session] = await Promise.all([
      pendingVerification(services, readCookie(request, services.config, 'verification')),
      findSession(services, readCookie(request, services.config, 'phone-session')),
    ]);
    return { pending: pending ?? null, verifiedNumber: session?.phoneNumber ?? null };
  } catch (error) {
    if (error instanceof AppError) return { pending: null, verifiedNumber: null };
    throw error;
  }
}

type Progress = Pick<PageState, 'pending' | 'verifiedNumber' | 'problem'>;

function stepOf({ pending, verifiedNumber, problem }: Progress, query: ParsedUrlQuery): PageState['step'] {
  if (query.step === 'phone' || problem?.at === 'phone') return 'phone';
  if (pending) return 'code';
  return verifiedNumber === null ? 'phone' : 'verified';
}

/**
 * Makes the page's `getServerSideProps`. It sends no message. `?lang=` keeps a language for a year, and leads back to the
 * page without it.
 */
export function pageProps(getServices: () => Dependencies): GetServerSideProps<PageState> {
  let countriesIn: ReturnType<typeof createCountryLists> | undefined;

  return async ({ req, res, query }) => {
    const services = getServices();
    const { config } = services;
    res.setHeader('Cache-Control', 'no-store');
    if (isLanguage(query.lang)) {
      setCookie(res, config, 'language', query.lang);
      return { redirect: { destination: query.step === 'phone' ? '/?step=phone' : '/', statusCode: 303 } };
    }
    countriesIn ??= createCountryLists(config.allowedCountries);
    const language = languageOf(req, config);
    const countries = countriesIn(language);
    const progress = { ...(await readProgress(services, req)), problem: readProblem(query) ?? null };
    const props: PageState = {
      language,
      messages: MESSAGES[language],
      countries,
      country: likelyCountry(req, language, countries, config),
      callCountries: config.voiceCountries ?? null,
      step: stepOf(progress, query),
      ...progress,
      inboxUrl: config.demoInboxUrl ?? null,
    };
    return { props };
  };
}
