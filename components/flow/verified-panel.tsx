import { type ReactNode, useRef } from 'react';
import { useElementId } from '@/components/ui/element-id';
import { NumberLine } from '@/components/ui/number-line';
import styles from '@/components/ui/screen.module.css';
import { ScreenLink } from '@/components/ui/screen-link';
import { useText } from '@/components/ui/text';
import { useFocusOnArrival } from '@/components/ui/use-focus-on-arrival';

interface VerifiedPanelProps {
  /** As the page shows it. */
  phoneNumber: string;
  /** Null if the flow ends on this page. */
  continueUrl: string | null;
  onRestart: () => void;
  /** Further content, such as other ways to verify. */
  children: ReactNode;
}

/** The last screen: says that it worked, for which number, and where to go from here. */
export function VerifiedPanel({ phoneNumber, continueUrl, onRestart, children }: VerifiedPanelProps) {
  const { verified } = useText().messages;
  const heading = useRef<HTMLHeadingElement>(null);
  const headingId = useElementId('verified-heading');
  useFocusOnArrival(heading);

  return (
    <section className={styles.screen} aria-labelledby={headingId}>
      <span className={styles.tick} aria-hidden="true" />
      <h1 ref={heading} id={headingId} tabIndex={-1} className={styles.heading}>
        {verified.heading}
      </h1>
      <NumberLine text="{number}" number={phoneNumber} />
      {continueUrl === null ? (
        <p>{verified.close}</p>
      ) : (
        <ScreenLink variant="primary" href={continueUrl}>
          {verified.goOn}
        </ScreenLink>
      )}
      {children}
      <p>
        <ScreenLink href="?step=phone" onNavigate={onRestart}>
          {verified.another}
        </ScreenLink>
      </p>
    </section>
  );
}
