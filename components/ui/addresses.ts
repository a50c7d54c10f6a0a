import { createContext, useContext } from 'react';
import type { PageLogin } from '@/lib/contract';

/** The login that the page belongs to; null on the page that people open themselves. */
export const PageLoginContext = createContext<PageLogin | null>(null);

/** The address of an API route, for the login that the page belongs to. */
export const apiAddress = (path: string, login: PageLogin | null): string =>
  login ? `${path}?login=${login.token}` : path;

/** Where the page's links and forms lead. */
export function useAddresses() {
  const login = useContext(PageLoginContext);
  const page = login?.page ?? '/';
  return {
    /** This page. */
    page,
    /** This page with its first screen. */
    phoneScreen: `${page}?step=phone`,
    api: (path: string) => apiAddress(path, login),
    /** Whether another application has named the number, so that nobody can change it. */
    isFixed: Boolean(login?.fixedNumber),
  };
}
