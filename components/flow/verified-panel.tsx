import { useEffect, useRef } from 'react';
import { Interpolate } from '@/components/ui/interpolate';
import styles from '@/components/ui/screen.module.css';
import { ScreenLink } from '@/components/ui/screen-link';
import { useText } from '@/components/ui/text';

interface VerifiedPanelProps {
  /** As it is shown. */
  phoneNumber: string;
  /** False where the page just loaded: then the focus stays where it is. */
  moved: boolean;
  onRestart: () => void;
}

/** The last screen: says that it worked, for which number, and offers to start over. */
export function VerifiedPanel({ phoneNumber, moved, onRestart }: VerifiedPanelProps) {
  const { verified } = useText().messages;
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (moved) heading.current?.focus();
  }, [moved]);

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
        {verified.heading}
      </h1>
      <p className={styles.lead}>
        <Interpolate text={verified.lead}>
          <bdi className={styles.number} dir="ltr">
            {phoneNumber}
          </bdi>
        </Interpolate>
      </p>
      <p className={styles.last}>
        <ScreenLink href="/?step=phone" onNavigate={onRestart}>
          {verified.another}
        </ScreenLink>
      </p>
    </section>
  );
}
