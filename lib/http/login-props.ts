import type { ServerResponse } from 'node:http';
import type { GetServerSideProps, GetServerSidePropsContext, Redirect } from 'next';
import type { PageState } from '@/lib/contract';
import { AppError } from '@/lib/errors';
import { messagesFor } from '@/lib/i18n';
import type { LoginResult } from '@/lib/openid/login';
import { readBody } from './body';
import { callerOf } from './caller';
import { setCookie } from './cookies';
import { isFormPost, parseForm } from './form';
import { requireSameOrigin } from './guards/same-origin';
import { languageOf } from './language';
import { type OpenLogin, openLogin, servicesIn } from './login';
import { earlierSession } from './login-page';
import { chooseLanguage, createStateProps, NOT_SHOWN, type TextState, textsOf } from './page-props';
import type { PageServices } from './page-state';
import { keepTyped } from './problem';
import { leadOn } from './redirect-to';
import type { Services } from './route';
import { loginForm } from './schemas';

/** The state of the page for a request that cannot go back to an application. */
export interface RefusedState extends TextState {
  /** A stable code: one of ours, or of RFC 6749, §4.1.2.1. */
  readonly error: string;
}

type LoginState = (PageState & Partial<TextState>) | RefusedState;

/** Creates the state of the page for a request that cannot return to its application. */
export function refusedState(context: GetServerSidePropsContext, services: PageServices, error: string): RefusedState {
  const texts = textsOf(context, services);
  return { ...texts, title: texts.messages.login.refusedHeading, error };
}

/** Handles a form of the page: a choice of language, a cancellation, or consent to use an earlier verification. */
async function answerForm(
  { req, res }: GetServerSidePropsContext,
  services: PageServices,
  login: OpenLogin,
): Promise<{ redirect: Redirect } | typeof NOT_SHOWN> {
  const { config } = services;
  requireSameOrigin(req.headers, config);
  const form = await readBody(req, loginForm, {
    takes: isFormPost,
    parse: parseForm,
  });
  const { action, lang, phoneNumber, country = '' } = form;
  const goOn = async (result: LoginResult) => {
    leadOn(res, await login.finish(result), messagesFor(languageOf(req, config, login), null).verified.goOn);
    return NOT_SHOWN;
  };
  // The page's path already includes the base path.
  const back = { redirect: { destination: login.page, basePath: false, statusCode: 303 } } as const;
  if (lang !== undefined) {
    setCookie(res, config, 'language', lang);
    if (phoneNumber !== undefined) keepTyped(res, services, { number: phoneNumber, country });
    return back;
  }
  if (action === 'cancel') return goOn('canceled');
  const session = await earlierSession(services, login, callerOf(req, config));
  if (!session) return back;
  const { phoneNumber: verified, amr, acr, verifiedAt } = session;
  return goOn({ phoneNumber: verified, amr, acr, verifiedAt });
}

/** Makes the `getServerSideProps` of a login's page. */
export function loginProps(getServices: () => Services): GetServerSideProps<LoginState> {
  const propsOf = createStateProps();
  return async (context) => {
    const { req, res, params } = context;
    const services = getServices();
    res.setHeader('Cache-Control', 'no-store');
    if (!services.openid) return { notFound: true };
    try {
      const login = await openLogin(services, req, String(params?.login));
      if (req.method === 'POST') return await answerForm(context, services, login);
      const redirect = chooseLanguage(context, services.config);
      if (redirect) return redirect;
      return { props: await propsOf(context, servicesIn(services, login), ({ title }) => title, login) };
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      res.statusCode = error.status;
      return { props: refusedState(context, services, error.code) };
    }
  };
}

/** More than any client needs. Each login in progress keeps its request, so length costs memory. */
const MAX_ADDRESS_LENGTH = 4096;

/**
 * Refuses long addresses and floods of requests before they cost anything.
 * @returns the code of the refusal, or undefined to continue
 */
async function floodOf({ floodShield, config }: Services, { req, res }: GetServerSidePropsContext) {
  const refuse = (response: ServerResponse, status: number, code: string) => {
    response.statusCode = status;
    return code;
  };
  if ((req.url ?? '').length > MAX_ADDRESS_LENGTH) return refuse(res, 414, 'invalid_request');
  const waitMs = await floodShield.take(callerOf(req, config).address);
  if (waitMs === 0) return undefined;
  res.setHeader('Retry-After', Math.ceil(waitMs / 1000));
  return refuse(res, 429, 'RATE_LIMITED');
}

/** The props for a request that the provider has answered. */
const NOTHING_SHOWN = { props: {} as RefusedState };

/**
 * Makes the `getServerSideProps` of the authorization endpoint. The OpenID provider sends its own response, unless the
 * request cannot go back to a client.
 */
export const authorizeProps =
  (getServices: () => Services): GetServerSideProps<RefusedState> =>
  async (context) => {
    const { req, res } = context;
    const services = getServices();
    if (!services.openid) return { notFound: true };
    res.setHeader('Cache-Control', 'no-store');
    const flood = await floodOf(services, context);
    if (flood !== undefined) return { props: refusedState(context, services, flood) };
    const refused = await services.openid.answer(req, res);
    return refused ? { props: refusedState(context, services, refused.error) } : NOTHING_SHOWN;
  };
