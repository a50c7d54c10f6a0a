import type { MouseEvent, ReactNode } from 'react';
import styles from './button.module.css';
import { isPlainClick } from './plain-click';

interface ScreenLinkProps {
  /** The address that the link leads to without script. */
  href: string;
  /** What the link does instead with script; undefined if it leads away from the page. */
  onNavigate?: () => void;
  variant?: 'primary' | 'link';
  children: ReactNode;
}

/** A link to another screen. With script it changes the state. Without, it loads a page. */
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
