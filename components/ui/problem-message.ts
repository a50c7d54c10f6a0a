import type { Messages } from '@/lib/i18n/messages';
import { sayCount } from '@/lib/i18n/say';
import type { Failure } from './problem';
import type { Text } from './text';

/** The text of a problem in the page's language, without the attempts left and the wait. */
export function problemMessage({ code, reason, retryAfterSeconds, ticket }: Failure, { problems }: Messages): string {
  if (code === 'NUMBER_LOCKED' && retryAfterSeconds === undefined) return problems.LOCKED_FOR_GOOD;
  if (ticket !== undefined) return problems.CHALLENGE_WAIT;
  // A newer server may have codes that this page does not know.
  return problems[reason ?? code] ?? problems.INTERNAL_ERROR;
}

/** "2 attempts left.", with a warning before the last one. */
export function attemptsMessage(attemptsRemaining: number, { messages, language }: Text): string {
  const left = sayCount(messages.attemptsLeft, attemptsRemaining, language);
  return attemptsRemaining === 1 ? `${left} ${messages.code.lastAttempt}` : left;
}
