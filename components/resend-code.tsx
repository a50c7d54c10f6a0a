import type { FormEvent } from 'react';
import type { Channel } from '@/lib/contract';
import { say } from '@/lib/i18n/say';
import { Button } from './button';
import { sentWords } from './news-words';
import { ProblemText } from './problem-text';
import styles from './screen.module.css';
import { channelOf } from './submitter';
import { useText } from './text';
import { useScript } from './use-script';
import type { SentCode, VerificationState } from './verification-state';
import { waitInWords } from './wait-in-words';

interface ResendCodeProps {
  state: VerificationState;
  sent: SentCode;
  /** Whole seconds until the server sends again. */
  resendIn: number;
  /** The code at hand is over: this is the way on. */
  urgent: boolean;
  onResend: (channel?: Channel) => void;
}

/** The buttons that have the code sent again, once the wait is over, with what became of it. Needs the code's state. */
export function ResendCode({ state, sent, resendIn, urgent, onResend }: ResendCodeProps) {
  const text = useText();
  const { code } = text.messages;
  const problem = state.problem?.at === 'resend' ? state.problem : null;
  const busy = state.task === 'resend';
  // Without script nothing counts down here: then the server says when it is too soon.
  const blocked = useScript() && (resendIn > 0 || state.task !== null);
  const wait = waitInWords(resendIn, text);
  const [now, later] = urgent ? [code.anew, code.anewIn] : [code.again, code.againIn];
  const offersCall = sent.callOffered && sent.channel !== 'voice';

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (!blocked) onResend(channelOf(event));
  }

  return (
    <form className={styles.actions} method="post" action="/api/resend-otp" onSubmit={submit}>
      <input type="hidden" name="language" value={text.language} />
      <Button
        type="submit"
        look={urgent ? 'primary' : 'secondary'}
        busy={busy}
        blocked={blocked}
        aria-describedby={problem ? 'resend-problem' : undefined}
      >
        {busy ? code.sending : resendIn > 0 ? say(later, { wait }) : now}
      </Button>
      {offersCall && (
        <Button type="submit" look="link" name="channel" value="voice" blocked={blocked}>
          {resendIn > 0 ? say(code.callIn, { wait }) : code.call}
        </Button>
      )}
      <div className={styles.afterwards}>
        {problem && <ProblemText id="resend-problem" problem={problem} />}
        {sent.resent && <p className={styles.notice}>{sentWords(sent, text)}</p>}
      </div>
    </form>
  );
}
