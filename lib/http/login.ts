import type { IncomingMessage, ServerResponse } from 'node:http';
import { BASE_PATH } from '@/lib/base-path';
import type { Config } from '@/lib/config/config';
import { AppError } from '@/lib/errors';
import type { Login } from '@/lib/openid/login';
import type { Privacy } from '@/lib/privacy';
import type { Caller } from '@/lib/verification/caller';
import { startMark } from '@/lib/verification/started-here';
import { createToken } from '@/lib/verification/token';
import { readCookie, setCookie } from './cookies';
import type { Services } from './route';

/** A login in the browser that began it. */
export interface OpenLogin extends Login {
  /** Paths of the login's page, and of its page for codes that do not come in a message. */
  readonly page: string;
  readonly signInPage: string;
}

type Keepers = { readonly config: Config; readonly privacy: Privacy };

/** The purpose of the signature. */
const PURPOSE = 'login in this browser';

const PAGE = `${BASE_PATH}/connect/verify/`;
const SIGN_IN_PAGE = `${BASE_PATH}/connect/sign-in/`;

/** The login's id, and the mark of the browser that began it. */
const TOKEN = /^([\w-]{20,64})\.([\w-]{43})$/;

const signedText = (uid: string, browser: string) => `${uid} ${browser}`;

/**
 * Binds a login to the browser that began it: its address carries a signature over a cookie of that browser. Otherwise
 * an attacker could start a login, send its address to somebody, and be logged in with that person's number.
 * @returns the path of its page
 */
export function prepareLogin(
  request: IncomingMessage,
  response: ServerResponse,
  { config, privacy }: Keepers,
  uid: string,
): string {
  const browser = readCookie(request, config, 'login') ?? createToken();
  // Set the cookie again, so that it lasts as long as this login.
  setCookie(response, config, 'login', browser);
  return `${PAGE}${uid}.${privacy.sign(PURPOSE, signedText(uid, browser))}`;
}

/**
 * Finds the login of a request.
 * @param token the last part of the address of the login's page
 * @throws {AppError} LOGIN_NOT_FOUND if the login has ended or began in another browser; STORE_UNAVAILABLE
 */
export async function openLogin(
  { config, privacy, openid }: Pick<Services, 'config' | 'privacy' | 'openid'>,
  request: IncomingMessage,
  token: string,
): Promise<OpenLogin> {
  const [, uid = '', mark = ''] = TOKEN.exec(token) ?? [];
  const browser = readCookie(request, config, 'login');
  const isHere = browser !== undefined && privacy.verify(PURPOSE, signedText(uid, browser), mark);
  const login = isHere ? await openid?.findLogin(uid) : undefined;
  if (!login) throw new AppError('LOGIN_NOT_FOUND');
  return { ...login, page: PAGE + token, signInPage: SIGN_IN_PAGE + token };
}

/** The caller with the verification of this login. Each login has its own, so two tabs don't interfere. */
export function callerIn(
  login: OpenLogin,
  caller: Caller,
  request: IncomingMessage,
  { config, privacy }: Keepers,
): Caller {
  const verificationToken = readCookie(request, config, 'verification', login.uid);
  // A person may see the number that they typed here. A number that the application named stays masked.
  const isShown = verificationToken !== undefined && !login.client.isNumberFixed;
  return {
    ...caller,
    program: undefined,
    login: { client: login.client.id, interaction: login.uid, maxAgeSeconds: login.maxAgeSeconds },
    verificationToken,
    factorToken: config.factors && readCookie(request, config, 'factor-used', login.uid),
    // A number that the application named gets no session in this browser, so it must not end an existing one either.
    sessionToken: login.client.isNumberFixed ? undefined : caller.sessionToken,
    startMark: isShown ? startMark(privacy, verificationToken) : undefined,
  };
}

/** The services, limited to the countries that the client accepts. */
export function servicesIn<S extends { readonly config: Config }>(services: S, { client }: Login): S {
  const { countries } = client;
  if (countries === undefined) return services;
  const { allowedCountries } = services.config;
  const both = allowedCountries === undefined ? countries : countries.filter((one) => allowedCountries.includes(one));
  return { ...services, config: { ...services.config, allowedCountries: both } };
}
