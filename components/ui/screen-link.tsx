import type { MouseEvent, ReactNode } from 'react';
import styles from './button.module.css';
import { isPlainClick } from './plain-click';

interface ScreenLinkProps {
  /** Where it leads without script. */
  href: string;
  /** What it does with script, in its place. */
  onNavigate: () => void;
  children: ReactNode;
}

/** A link to another screen. With script it is a change of state, and without it a page of its own. */
export function ScreenLink({ href, onNavigate, children }: ScreenLinkProps) {
  function clicked(event: MouseEvent) {
    if (!isPlainClick(event)) return;
    event.preventDefault();
    onNavigate();
  }
  return (
    <a className={`${styles.button} ${styles.link}`} href={href} onClick={clicked}>
      {children}
    </a>
  );
}
