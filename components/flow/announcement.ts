import type { Problem } from '@/components/ui/problem';
import { attemptsMessage, problemMessage } from '@/components/ui/problem-message';
import { spokenNumber } from '@/components/ui/spoken-number';
import type { Text } from '@/components/ui/text';
import { waitInWords } from '@/components/ui/wait-in-words';
import { say } from '@/lib/i18n/say';
import type { Announcement, SentCode } from './verification-state';

function problemAnnouncement(problem: Problem, text: Text): string {
  const { messages } = text;
  const parts = [problemMessage(problem, messages)];
  if (problem.attemptsRemaining !== undefined) parts.push(attemptsMessage(problem.attemptsRemaining, text));
  const seconds = problem.retryAfterSeconds ?? 0;
  if (seconds > 0) parts.push(say(messages.tryAgainIn, { wait: waitInWords(seconds, text) }));
  return parts.join(' ');
}

/** The message after a code was sent. */
export function sentMessage({ to, channel, resent }: SentCode, { messages }: Text): string {
  const { code } = messages;
  if (channel === 'voice') return code.calling;
  if (resent === null) return say(code.sent, { number: spokenNumber(to, messages) });
  return resent === 'new-code' ? code.sentNewCode : code.sentAgain;
}

/** The text that a screen reader reads out after an event. */
export function announcementText(announcement: Announcement | null, text: Text): string {
  const { messages } = text;
  switch (announcement?.kind) {
    case undefined:
      return '';
    case 'busy':
      return announcement.task.endsWith('send') ? messages.phone.sending : messages.code.checking;
    case 'challenged':
      return messages.checkingBrowser;
    case 'sent':
      return sentMessage(announcement.sent, text);
    case 'verified':
      return messages.verified.heading;
    case 'problem':
      return problemAnnouncement(announcement.problem, text);
  }
}
