import { useContext, useRef } from 'react';
import type { Ended } from '@/components/flow/ended';
import type { VerificationActions } from '@/components/flow/use-verification';
import type { SentCode, VerificationState } from '@/components/flow/verification-state';
import { NumberLine } from '@/components/ui/number-line';
import { PageLoginContext } from '@/components/ui/page-login';
import styles from '@/components/ui/screen.module.css';
import { ScreenLink } from '@/components/ui/screen-link';
import { useText } from '@/components/ui/text';
import { useFocusOnArrival } from '@/components/ui/use-focus-on-arrival';
import { waitInWords } from '@/components/ui/wait-in-words';
import { say } from '@/lib/i18n/say';
import { ResendCode } from './resend-code';

interface EndedCodeProps {
  state: VerificationState;
  sent: SentCode;
  ended: Ended;
  actions: VerificationActions;
  /** Whole seconds until the lock ends, and until a code may be sent. */
  lockedIn: number;
  resendIn: number;
}

/** Replaces the code field once no code can be entered. Says why, for how long, and what to do next. */
export function EndedCode({ state, sent, ended, actions, lockedIn, resendIn }: EndedCodeProps) {
  const text = useText();
  const { ended: words } = text.messages;
  const isFixed = useContext(PageLoginContext)?.fixedNumber;
  const heading = useRef<HTMLHeadingElement>(null);
  useFocusOnArrival(heading);

  return (
    <div className={styles.screen}>
      <h1 ref={heading} tabIndex={-1} className={styles.heading}>
        {words[ended.by]}
      </h1>
      {ended.by === 'NUMBER_LOCKED' ? (
        <>
          {ended.lock ? (
            <NumberLine text={say(words.lockedFor, { wait: waitInWords(lockedIn, text) })} number={sent.to} />
          ) : (
            <p className={styles.lead}>{words.lockedForGood}</p>
          )}
          {!isFixed && (
            <ScreenLink variant="primary" href="?step=phone" onNavigate={actions.changeNumber}>
              {words.useAnother}
            </ScreenLink>
          )}
        </>
      ) : (
        <>
          <NumberLine text={words.newCode} number={sent.to} onChange={isFixed ? undefined : actions.changeNumber} />
          <ResendCode urgent state={state} sent={sent} resendIn={resendIn} onResend={actions.resend} />
        </>
      )}
    </div>
  );
}
