import { sayCount } from '@/lib/i18n/say';
import type { Text } from './text';

const MINUTE = 60;
const HOUR = 60 * MINUTE;

/** A wait as people say it: in seconds if it is short, otherwise rounded up to minutes or hours. */
export function waitInWords(seconds: number, { messages: { wait }, language }: Text): string {
  if (seconds < 2 * MINUTE) return sayCount(wait.seconds, seconds, language);
  if (seconds < 2 * HOUR) return sayCount(wait.minutes, Math.ceil(seconds / MINUTE), language);
  return sayCount(wait.hours, Math.ceil(seconds / HOUR), language);
}
