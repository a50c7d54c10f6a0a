import { ar } from './ar';
import { de } from './de';
import { en } from './en';
import { es } from './es';
import { fr } from './fr';
import { hr } from './hr';
import type { Language } from './languages';
import type { Messages } from './messages';

/**
 * The texts of every language. For the server only: the page is given those of its language as a prop, so that no
 * browser loads six.
 */
export const MESSAGES: Readonly<Record<Language, Messages>> = { en, de, es, fr, ar, hr };
