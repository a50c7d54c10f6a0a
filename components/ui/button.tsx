import type { ComponentProps } from 'react';
import styles from './button.module.css';

interface ButtonProps extends Omit<ComponentProps<'button'>, 'className' | 'disabled'> {
  variant?: 'primary' | 'secondary' | 'link';
  /** Shows that something is under way; clicks are ignored. */
  busy?: boolean;
  /** Clicks are ignored. */
  blocked?: boolean;
  /** Not there, but its place is kept. */
  absent?: boolean;
}

/**
 * A button that stays focusable while it cannot be used, so that the focus is not lost and a screen reader still finds
 * it: `aria-disabled` instead of `disabled`.
 */
export function Button({
  variant = 'primary',
  type = 'button',
  busy,
  blocked,
  absent,
  onClick,
  children,
  ...rest
}: ButtonProps) {
  const idle = !busy && !blocked;
  return (
    <button
      {...rest}
      type={type}
      className={`${styles.button} ${styles[variant]} ${absent ? styles.absent : ''}`}
      aria-disabled={idle ? undefined : true}
      // The second half of a double click must not take the focus back from where the first half sent it.
      onMouseDown={(event) => {
        if (!idle) event.preventDefault();
      }}
      onClick={(event) => {
        if (idle) onClick?.(event);
        else event.preventDefault();
      }}
    >
      {busy && <span className={styles.spinner} aria-hidden="true" />}
      {children}
    </button>
  );
}
