import { say } from '@/lib/i18n/say';
import appears from './appears.module.css';
import type { Problem } from './problem';
import { attemptsMessage, problemMessage } from './problem-message';
import styles from './problem-text.module.css';
import { useText } from './text';
import { useCountdown } from './use-countdown';
import { waitInWords } from './wait-in-words';

/**
 * The text of a problem with the attempts left and a wait that counts down. Needs an id for `aria-describedby` on
 * the control it belongs to. Not a live region: a screen reader would read out a countdown every second.
 */
export function ProblemText({ id, problem }: { id: string; problem: Problem }) {
  const text = useText();
  const { messages } = text;
  const left = useCountdown(problem.wait);
  return (
    <p id={id} className={`${styles.problem} ${appears.appears}`}>
      <span className={styles.icon} aria-hidden="true" />
      <span>
        {problemMessage(problem, messages)}
        {problem.attemptsRemaining !== undefined && (
          <>
            {' '}
            <span className={styles.attempts}>{attemptsMessage(problem.attemptsRemaining, text)}</span>
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
