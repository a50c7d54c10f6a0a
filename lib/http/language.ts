import type { IncomingMessage } from 'node:http';
import type { Config } from '@/lib/config/config';
import { isLanguage, type Language } from '@/lib/i18n/languages';
import { negotiateLanguage } from '@/lib/i18n/negotiate';
import type { Login } from '@/lib/openid/login';
import { readCookie } from './cookies';

/**
 * The language that the person chose before, otherwise the one that the application asks for, otherwise the one that
 * the browser asks for.
 * @param login the login at an application, if the request belongs to one
 */
export function languageOf(request: IncomingMessage, config: Config, login?: Pick<Login, 'language'>): Language {
  const chosen = readCookie(request, config, 'language');
  return isLanguage(chosen) ? chosen : (login?.language ?? negotiateLanguage(request.headers['accept-language']));
}
