import type { MouseEvent, ReactNode } from 'react';
import styles from './button.module.css';
import { isPlainClick } from './plain-click';

interface ScreenLinkProps {
  /** Where it leads without script. */
  href: string;
  /** What it does with script, in its place; undefined where it leads away. */
  onNavigate?: () => void;
  variant?: 'primary' | 'link';
  children: ReactNode;
}

/** A link to another screen. With script it is a change of state, and without it a page of its own. */
export function ScreenLink({ href, onNavigate, variant = 'link', children }: ScreenLinkProps) {
  function clicked(event: MouseEvent) {
    if (!onNavigate || !isPlainClick(event)) return;
    event.preventDefault();
    onNavigate();
  }
  return (
    <a className={`${styles.button} ${styles[variant]}`} href={href} onClick={clicked}>
      {children}
    </a>
  );
}
