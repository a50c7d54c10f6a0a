import { type FormEvent, type ReactNode, useContext } from 'react';
import type { VerificationActions } from '@/components/flow/use-verification';
import type { VerificationState } from '@/components/flow/verification-state';
import { Button } from '@/components/ui/button';
import { apiAddress, PageLoginContext } from '@/components/ui/page-login';
import { ProblemText } from '@/components/ui/problem-text';
import styles from '@/components/ui/screen.module.css';
import { useText } from '@/components/ui/text';

export interface FixedNumberFormProps {
  state: VerificationState;
  actions: VerificationActions;
  /** Ways to verify without a message. */
  ways: ReactNode;
}

/** The first screen if another application named the number: one button, and nothing to type. */
export function FixedNumberForm({ state, actions, ways }: FixedNumberFormProps) {
  const { messages, language } = useText();
  const { phone } = messages;
  const login = useContext(PageLoginContext);
  const problem = state.problem?.at === 'phone' ? state.problem : null;
  const isBusy = state.task === 'send';

  function submit(event: FormEvent) {
    event.preventDefault();
    void actions.send({ number: '', country: '' }, 'sms');
  }

  return (
    <form className={styles.screen} method="post" action={apiAddress('/api/send-otp', login)} onSubmit={submit}>
      <h1 className={styles.heading}>{phone.heading}</h1>
      {/* The server already knows the number, so the field stays empty. */}
      <input type="hidden" name="phoneNumber" value="" />
      <input type="hidden" name="language" value={language} />
      {problem?.ticket && <input type="hidden" name="solution" value={problem.ticket} />}
      {problem && <ProblemText id="number-problem" problem={problem} />}
      <div className={styles.actions}>
        <Button type="submit" busy={isBusy} aria-describedby={problem ? 'number-problem' : undefined}>
          {isBusy ? phone.sending : problem?.about === 'outage' ? messages.retry : phone.send}
        </Button>
        {ways}
      </div>
    </form>
  );
}
