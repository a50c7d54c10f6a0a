import type { GetServerSideProps, GetServerSidePropsContext } from 'next';
import { SIGN_IN } from '@/lib/base-path';
import type { CodeFactorType, SignInState } from '@/lib/contract';
import { AppError, ERRORS } from '@/lib/errors';
import { directionOf } from '@/lib/i18n/languages';
import { WAYS_MESSAGES } from '@/lib/i18n/ways';
import { readBody } from './body';
import { setCookie } from './cookies';
import { isFormPost, parseForm } from './form';
import { requireSameOrigin } from './guards/same-origin';
import { languageOf } from './language';
import { type OpenLogin, openLogin, servicesIn } from './login';
import { type RefusedState, refusedState } from './login-props';
import { chooseLanguage, type TextState } from './page-props';
import { createPageState, type PageServices } from './page-state';
import { keepTyped, takeProblem } from './problem';
import { refuse } from './refuse';
import type { Services } from './route';
import { signInForm } from './schemas';

type SignInProps = SignInState & Pick<TextState, 'title' | 'direction'>;

/** Nobody sees these props, because the reply is already complete. */
const NOT_SHOWN = { props: {} as SignInProps };

const isMethod = (text: unknown): text is CodeFactorType => text === 'totp' || text === 'recovery-code';

/** The answer to a button without script: the page in another language, or with the form for another kind of code. */
async function answerForm({ req, res }: GetServerSidePropsContext, services: PageServices, page: string) {
  const { config } = services;
  requireSameOrigin(req.headers, config);
  const form = await readBody(req, signInForm, { takes: isFormPost, parse: parseForm });
  const { lang, with: method, phoneNumber, country = '' } = form;
  if (lang !== undefined) setCookie(res, config, 'language', lang);
  if (phoneNumber !== undefined) keepTyped(res, services, { number: phoneNumber, country });
  const destination = method === undefined ? page : `${page}?with=${method}`;
  return { redirect: { destination, basePath: false, statusCode: 303 } as const };
}

/** Makes the function that reads what the page shows. */
function createSignInState() {
  const stateOf = createPageState();
  return async (
    { req, res, query }: GetServerSidePropsContext,
    services: PageServices,
    login?: OpenLogin,
  ): Promise<SignInProps> => {
    const language = languageOf(req, services.config, login);
    const kept = takeProblem(req, res, services, SIGN_IN);
    const state = await stateOf(services, req, { language, step: 'phone', kept, login, isOurPage: true });
    const { signIn: words } = WAYS_MESSAGES[language];
    const method = [kept.problem?.at, query.with].find(isMethod) ?? 'totp';
    return { ...state, words, method, title: words.title, direction: directionOf(language) };
  };
}

/** Makes the `getServerSideProps` of the page where people verify with a code that does not come in a message. */
export function signInProps(getServices: () => Services): GetServerSideProps<SignInProps> {
  const stateOf = createSignInState();
  return async (context) => {
    const { req, res } = context;
    const services = getServices();
    if (!services.config.factors) return { notFound: true };
    res.setHeader('Cache-Control', 'no-store');
    if (req.method !== 'POST')
      return chooseLanguage(context, services.config) ?? { props: await stateOf(context, services) };
    try {
      return await answerForm(context, services, SIGN_IN);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      const { event } = ERRORS[error.code];
      if (event) services.report(event);
      refuse(req, res, error);
      return NOT_SHOWN;
    }
  };
}

/** Makes the same function for the page of a login at another application. */
export function loginSignInProps(getServices: () => Services): GetServerSideProps<SignInProps | RefusedState> {
  const stateOf = createSignInState();
  return async (context) => {
    const { req, res, params } = context;
    const services = getServices();
    if (!services.config.factors || !services.openid) return { notFound: true };
    res.setHeader('Cache-Control', 'no-store');
    try {
      const login = await openLogin(services, req, String(params?.login));
      if (req.method === 'POST') return await answerForm(context, services, login.signInPage);
      const redirect = chooseLanguage(context, services.config);
      if (redirect) return redirect;
      return { props: await stateOf(context, servicesIn(services, login), login) };
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      res.statusCode = error.status;
      return { props: refusedState(context, services, error.code) };
    }
  };
}
