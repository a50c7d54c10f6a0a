import type { ComponentProps } from 'react';
import styles from './button.module.css';

interface ButtonProps extends Omit<ComponentProps<'button'>, 'className' | 'disabled'> {
  variant?: 'primary' | 'secondary' | 'link';
  /** Shows that something is in progress, and ignores clicks. */
  busy?: boolean;
  /** Ignores clicks. */
  blocked?: boolean;
  /** Hides the button but keeps its place. */
  absent?: boolean;
}

/**
 * A button that stays focusable while it is unusable, so that it keeps the focus and a screen reader still finds
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
      // The first click of a double click may move the focus. The second one must not bring it back.
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
