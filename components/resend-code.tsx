import { Button } from './button';
import { ProblemText } from './problem-text';
import styles from './screen.module.css';
import type { SentCode, VerificationState } from './verification-state';

interface ResendCodeProps {
  state: VerificationState;
  sent: SentCode;
  /** Whole seconds until the server sends again. */
  resendIn: number;
  /** The code at hand is over: this button is the way on. */
  urgent: boolean;
  onResend: () => void;
}

/** The button that has the code sent again, once the wait is over, with what became of it. Needs the code's state. */
export function ResendCode({ state, sent, resendIn, urgent, onResend }: ResendCodeProps) {
  const problem = state.problem?.at === 'resend' ? state.problem : null;
  const what = urgent ? 'Send a new code' : resendIn > 0 ? 'Send again' : 'Send the code again';
  const busy = state.task === 'resend';
  return (
    <>
      <Button
        look={urgent ? 'primary' : 'secondary'}
        busy={busy}
        blocked={resendIn > 0 || state.task !== null}
        onClick={onResend}
        aria-describedby={problem ? 'resend-problem' : undefined}
      >
        {busy ? 'Sending…' : resendIn > 0 ? `${what} in ${resendIn} s` : what}
      </Button>
      <div className={styles.afterwards}>
        {problem && <ProblemText id="resend-problem" problem={problem} />}
        {sent.notice && <p className={styles.notice}>{sent.notice}</p>}
      </div>
    </>
  );
}
