import { createContext } from 'react';

/** Fetches the page again, at an address that names a language; nothing that is typed is lost. Null where only a link can do it. */
export const ChangeLanguage = createContext<((href: string) => void) | null>(null);
