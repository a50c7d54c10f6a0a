import { useEffect, useRef } from 'react';
import { Button } from './button';
import styles from './screen.module.css';

/** The last screen: says that it worked, for which number, and offers to start over. Needs the number in E.164. */
export function VerifiedPanel({ phoneNumber, onRestart }: { phoneNumber: string; onRestart: () => void }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);

  return (
    <section className={styles.screen} aria-labelledby="verified-heading">
      <svg className={styles.tick} viewBox="0 0 48 48" aria-hidden="true">
        <circle cx="24" cy="24" r="22" fill="none" stroke="currentColor" strokeWidth="3" />
        <path
          d="m14.5 24.5 6.5 6.5 12.5-13.5"
          fill="none"
          stroke="currentColor"
          strokeWidth="3.5"
          strokeLinecap="round"
          strokeLinejoin="round"
        />
      </svg>
      <h1 ref={heading} id="verified-heading" tabIndex={-1} className={styles.heading}>
        Success! Phone number verified.
      </h1>
      <p className={styles.lead}>
        <bdi className={styles.number} dir="ltr">
          {phoneNumber}
        </bdi>{' '}
        is confirmed. You can close this page.
      </p>
      <div className={`${styles.actions} ${styles.last}`}>
        <Button look="secondary" onClick={onRestart}>
          Verify another number
        </Button>
      </div>
    </section>
  );
}
