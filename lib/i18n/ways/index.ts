import type { Language } from '@/lib/i18n/languages';
import { ar } from './ar';
import { de } from './de';
import { en } from './en';
import { es } from './es';
import { fr } from './fr';
import { hr } from './hr';
import type { WaysMessages } from './messages';

/** The texts about other ways to verify, in every language. For the server only, like `MESSAGES`. */
export const WAYS_MESSAGES: Readonly<Record<Language, WaysMessages>> = { en, de, es, fr, ar, hr };
