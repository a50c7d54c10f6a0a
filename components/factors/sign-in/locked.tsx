import { useContext, useRef } from 'react';
import { NumberLine } from '@/components/ui/number-line';
import { PageLoginContext } from '@/components/ui/page-login';
import styles from '@/components/ui/screen.module.css';
import { ScreenLink } from '@/components/ui/screen-link';
import { useText } from '@/components/ui/text';
import { useFocusOnArrival } from '@/components/ui/use-focus-on-arrival';
import { waitInWords } from '@/components/ui/wait-in-words';
import { say } from '@/lib/i18n/say';

interface LockedProps {
  number: string;
  /** Whole seconds until the lock ends; 0 if it does not end by itself. */
  lockedIn: number;
  /** The label of the link to the form for recovery codes, which work despite the lock. */
  recoveryCode: string;
  onRecoveryCode: () => void;
  onAnother: () => void;
}

/** Replaces the form while the number's lock stops codes from an app. Says for how long, and what to do instead. */
export function Locked({ number, lockedIn, recoveryCode, onRecoveryCode, onAnother }: LockedProps) {
  const text = useText();
  const { ended } = text.messages;
  const isFixed = useContext(PageLoginContext)?.fixedNumber;
  const heading = useRef<HTMLHeadingElement>(null);
  useFocusOnArrival(heading);
  return (
    <div className={styles.screen}>
      <h1 ref={heading} tabIndex={-1} className={styles.heading}>
        {ended.NUMBER_LOCKED}
      </h1>
      {lockedIn > 0 ? (
        <NumberLine text={say(ended.lockedFor, { wait: waitInWords(lockedIn, text) })} number={number} />
      ) : (
        <p className={styles.lead}>{ended.lockedForGood}</p>
      )}
      <div className={styles.actions}>
        <ScreenLink variant="primary" href="?with=recovery-code" onNavigate={onRecoveryCode}>
          {recoveryCode}
        </ScreenLink>
        {!isFixed && (
          <ScreenLink href="?" onNavigate={onAnother}>
            {ended.useAnother}
          </ScreenLink>
        )}
      </div>
    </div>
  );
}
