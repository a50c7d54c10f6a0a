import type { Language } from './languages';

/** The server does not know people's time zones. */
const ZONE = { timeZone: 'UTC' } as const;

/** A day as people write it: `May 3, 2026`. */
export const dayIn = (language: Language, date: Date): string =>
  new Intl.DateTimeFormat(language, { dateStyle: 'long', ...ZONE }).format(date);

/** A time as people write it, with its time zone: `May 3, 2026 at 2:05 PM UTC`. */
export const momentIn = (language: Language, date: Date): string =>
  new Intl.DateTimeFormat(language, {
    year: 'numeric',
    month: 'long',
    day: 'numeric',
    hour: 'numeric',
    minute: '2-digit',
    timeZoneName: 'short',
    ...ZONE,
  }).format(date);
