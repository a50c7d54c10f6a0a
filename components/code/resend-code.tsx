import { type FormEvent, useContext } from 'react';
import { sentMessage } from '@/components/flow/announcement';
import type { SentCode, VerificationState } from '@/components/flow/verification-state';
import appears from '@/components/ui/appears.module.css';
import { Button } from '@/components/ui/button';
import { useElementId } from '@/components/ui/element-id';
import { apiAddress, PageLoginContext } from '@/components/ui/page-login';
import { ProblemText } from '@/components/ui/problem-text';
import { Room } from '@/components/ui/room';
import styles from '@/components/ui/screen.module.css';
import { channelOf } from '@/components/ui/submitter';
import { useText } from '@/components/ui/text';
import { useHydrated } from '@/components/ui/use-hydrated';
import { waitInWords } from '@/components/ui/wait-in-words';
import type { Channel } from '@/lib/contract';
import { say } from '@/lib/i18n/say';

interface ResendCodeProps {
  state: VerificationState;
  sent: SentCode;
  /** Whole seconds until the server accepts a resend. */
  resendIn: number;
  /** The current code no longer works, so a new one is the only way to continue. */
  urgent?: boolean;
  onResend: (channel?: Channel) => void;
}

/** The buttons that send the code again once the wait is over, and the result of doing so. */
export function ResendCode({ state, sent, resendIn, urgent = false, onResend }: ResendCodeProps) {
  const text = useText();
  const { code } = text.messages;
  const login = useContext(PageLoginContext);
  const problem = state.problem?.at === 'resend' ? state.problem : null;
  const problemId = useElementId('resend-problem');
  const busy = state.task === 'resend';
  // Without script there is no countdown, so the button always works, and the server refuses what comes too soon.
  const blocked = useHydrated() && (resendIn > 0 || state.task !== null);
  const wait = waitInWords(resendIn, text);
  const [now, later] = urgent ? [code.newCode, code.newCodeIn] : [code.again, code.againIn];
  const offersCall = !urgent && sent.callOffered && sent.channel !== 'voice';

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (!blocked) onResend(channelOf(event));
  }

  return (
    <form method="post" action={apiAddress('/api/resend-otp', login)} onSubmit={submit}>
      <input type="hidden" name="language" value={text.language} />
      {problem?.ticket && <input type="hidden" name="solution" value={problem.ticket} />}
      <div className={styles.actions}>
        <Button
          type="submit"
          variant={urgent ? 'primary' : 'secondary'}
          busy={busy}
          blocked={blocked}
          aria-describedby={problem ? problemId : undefined}
        >
          {busy ? code.sending : resendIn > 0 ? say(later, { wait }) : now}
        </Button>
        {offersCall && (
          <Button type="submit" variant="link" name="channel" value="voice" blocked={blocked}>
            {resendIn > 0 ? say(code.callIn, { wait }) : code.call}
          </Button>
        )}
      </div>
      {/* A refused code moves everything below it anyway, so the new key also drops the space of an earlier notice. */}
      <Room key={state.problem?.at === 'code' ? 'judged' : 'waiting'}>
        {problem && (
          <div className={styles.afterwards}>
            <ProblemText id={problemId} problem={problem} />
          </div>
        )}
        {!urgent && sent.resent && (
          <p className={`${styles.notice} ${styles.afterwards} ${appears.appears}`}>{sentMessage(sent, text)}</p>
        )}
      </Room>
    </form>
  );
}
