import { useState } from 'react';
import { announcementText } from '@/components/flow/announcement';
import appears from '@/components/ui/appears.module.css';
import { useText } from '@/components/ui/text';
import { NO_WAIT, useCountdown } from '@/components/ui/use-countdown';
import type { SignInState } from '@/lib/contract';
import { CodeDue } from './code-due';
import { Locked } from './locked';
import { SignInForm } from './sign-in-form';
import { useSignIn } from './use-sign-in';

/** The form and, if a code by phone is due as well, a button that sends one; or a notice while the number is locked. */
export function SignIn({ page }: { page: SignInState }) {
  const text = useText();
  const [progress, actions] = useSignIn(page);
  const [method, setMethod] = useState(page.method);
  const { isBusy, problem, stale, tried, count } = progress;
  const lockedIn = useCountdown(problem?.wait ?? NO_WAIT);
  // Recovery codes work despite the lock, so their form stays.
  const isLocked =
    method === 'totp' && problem?.code === 'NUMBER_LOCKED' && (lockedIn > 0 || problem.wait.seconds === 0);
  const said = isBusy
    ? ({ kind: 'busy', task: 'verify' } as const)
    : problem && ({ kind: 'problem', problem } as const);
  return (
    <>
      {stale && (
        <div className={appears.appears}>
          <CodeDue typed={stale} />
        </div>
      )}
      {isLocked && (
        <div className={appears.appears}>
          <Locked
            number={tried?.number || (page.login?.fixedNumber ?? '')}
            lockedIn={lockedIn}
            recoveryCode={page.words['recovery-code'].instead}
            onRecoveryCode={() => {
              actions.edited();
              setMethod('recovery-code');
            }}
            onAnother={actions.startAgain}
          />
        </div>
      )}
      {!stale && !isLocked && (
        <SignInForm
          page={{ ...page, typed: tried }}
          method={method}
          onMethod={setMethod}
          progress={progress}
          actions={actions}
        />
      )}
      <p className="visually-hidden" role="status">
        {count > 0 && announcementText(said, text)}
        {/* An invisible change in the text makes a screen reader read the same words again. */}
        {count % 2 === 1 && '\u00a0'}
      </p>
    </>
  );
}
