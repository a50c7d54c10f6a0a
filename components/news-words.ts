import { say } from '@/lib/i18n/say';
import type { Problem } from './problem';
import { problemWords, triesWords } from './problem-words';
import type { Text } from './text';
import type { News, SentCode } from './verification-state';
import { waitInWords } from './wait-in-words';

function problemNews(problem: Problem, text: Text): string {
  const { messages } = text;
  const parts = [problemWords(problem, messages)];
  if (problem.attemptsRemaining !== undefined) parts.push(triesWords(problem.attemptsRemaining, text));
  if (problem.wait.seconds > 0) {
    parts.push(say(messages.tryAgainIn, { wait: waitInWords(problem.wait.seconds, text) }));
  }
  return parts.join(' ');
}

/** What is said where a code is on its way. */
export function sentWords({ to, channel, resent }: SentCode, { messages: { code } }: Text): string {
  if (channel === 'voice') return code.calling;
  // Read out, the bullets would be seven words of nothing.
  const ending = /\d+$/.exec(to)?.[0];
  const number = ending ? say(code.ending, { digits: [...ending].join(' ') }) : to;
  if (resent === null) return say(code.sent, { number });
  return resent === 'anew' ? code.sentAnew : code.sentAgain;
}

/** What a screen reader is told of what just happened. */
export function newsWords(news: News | null, text: Text): string {
  const { messages } = text;
  switch (news?.kind) {
    case undefined:
      return '';
    case 'busy':
      return news.task === 'verify' ? messages.code.checking : messages.phone.sending;
    case 'sent':
      return sentWords(news.sent, text);
    case 'verified':
      return messages.verified.heading;
    case 'problem':
      return problemNews(news.problem, text);
  }
}
