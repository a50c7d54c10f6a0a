import { createContext } from 'react';

/** Fetches the page in another language without losing typed text. Null if only a link can do it. */
export const ChangeLanguage = createContext<((href: string) => void) | null>(null);
