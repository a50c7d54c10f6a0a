import { createContext } from 'react';

/** Fetches the page in another language without losing typed text. Unless the app provides that, loads it. */
export const ChangeLanguage = createContext((href: string) => window.location.assign(href));

/** The id of the form whose fields a change of language keeps, where the page has one. */
export const KEPT_FORM = 'kept-form';
