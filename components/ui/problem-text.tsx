import { say } from '@/lib/i18n/say';
import type { Problem } from './problem';
import { problemMessage, triesMessage } from './problem-message';
import styles from './problem-text.module.css';
import { useText } from './text';
import { useCountdown } from './use-countdown';
import { waitInWords } from './wait-in-words';

/**
 * What went wrong, in words, with the tries left and a wait that counts down. Needs an id, for `aria-describedby` on
 * the control it belongs to. Not a live region: a region that counts would be read out every second.
 */
export function ProblemText({ id, problem }: { id: string; problem: Problem }) {
  const text = useText();
  const { messages } = text;
  const left = useCountdown(problem.wait);
  return (
    <p id={id} className={styles.problem}>
      <svg className={styles.icon} viewBox="0 0 20 20" aria-hidden="true">
        <circle cx="10" cy="10" r="8.25" fill="none" stroke="currentColor" strokeWidth="1.75" />
        <path d="M10 5.5v5.5M10 13.6v.9" stroke="currentColor" strokeWidth="2" strokeLinecap="round" />
      </svg>
      <span>
        {problemMessage(problem, messages)}
        {problem.attemptsRemaining !== undefined && (
          <>
            {' '}
            <span className={styles.tries}>{triesMessage(problem.attemptsRemaining, text)}</span>
          </>
        )}
        {problem.wait.seconds > 0 && (
          <>
            {' '}
            <span className={styles.part}>
              {left > 0 ? say(messages.tryAgainIn, { wait: waitInWords(left, text) }) : messages.tryAgainNow}
            </span>
          </>
        )}
      </span>
    </p>
  );
}
