import { ar } from './ar';
import { de } from './de';
import { en } from './en';
import { es } from './es';
import { fr } from './fr';
import { hr } from './hr';
import type { Language } from './languages';
import type { Messages } from './messages';
import { say } from './say';

/**
 * The texts of every language. For the server only: the page gets those of its language as a prop, so that no
 * browser loads six.
 */
export const MESSAGES: Readonly<Record<Language, Messages>> = { en, de, es, fr, ar, hr };

/** The texts of a language, with a brand's name in the title and in the first heading. */
export function messagesFor(language: Language, brand: string | null): Messages {
  const messages = MESSAGES[language];
  if (brand === null) return messages;
  const title = say(messages.brandedTitle, { brand });
  return { ...messages, title, phone: { ...messages.phone, heading: title } };
}
