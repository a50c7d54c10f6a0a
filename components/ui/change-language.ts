import { createContext } from 'react';

/** Fetches the page in another language, and typed text stays. If the app provides no such function, loads the page. */
export const ChangeLanguage = createContext((href: string) => window.location.assign(href));

/** The id of the form whose fields a change of language keeps, if the page has one. */
export const KEPT_FORM = 'kept-form';
