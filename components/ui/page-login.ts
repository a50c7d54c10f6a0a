import { createContext } from 'react';
import { BASE_PATH } from '@/lib/base-path';
import type { PageLogin } from '@/lib/contract';

/** The login that the page belongs to; null on the page that people open themselves. */
export const PageLoginContext = createContext<PageLogin | null>(null);

/** The address of an API route, for the login that the page belongs to. */
export const apiAddress = (path: string, login: PageLogin | null): string =>
  BASE_PATH + path + (login ? `?login=${login.token}` : '');
