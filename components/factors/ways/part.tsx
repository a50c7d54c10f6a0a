import type { ReactNode } from 'react';
import styles from '@/components/factors/factors.module.css';

interface PartProps {
  /** Unique on the page. */
  id: string;
  heading: string;
  children: ReactNode;
}

/** A part of the page with a heading of its own. */
export function Part({ id, heading, children }: PartProps) {
  const headingId = `${id}-heading`;
  return (
    <section className={styles.part} aria-labelledby={headingId}>
      <h2 id={headingId} className={styles.subheading}>
        {heading}
      </h2>
      {children}
    </section>
  );
}
