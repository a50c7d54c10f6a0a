import styles from './screen.module.css';

interface CodeExpiryProps {
  /** Whole seconds. */
  expiresIn: number;
  /** The server takes the code no more, whatever the clock says. */
  spent: boolean;
}

/** Seconds before the end at which it is announced. */
const ANNOUNCED_AT = 30;

/**
 * How long the code still works, counting down. Announced twice: when the last seconds begin, and at the end. Needs the
 * seconds left.
 */
export function CodeExpiry({ expiresIn, spent }: CodeExpiryProps) {
  const expired = expiresIn === 0;
  const clock = `${Math.floor(expiresIn / 60)}:${String(expiresIn % 60).padStart(2, '0')}`;
  return (
    <>
      <p className={styles.expiry}>
        {spent
          ? 'This code can no longer be used.'
          : expired
            ? 'This code has expired.'
            : `The code works for ${clock}`}
      </p>
      <span className="visually-hidden" role="status">
        {!spent && expired && 'This code has expired. You can ask for a new one.'}
        {!spent && !expired && expiresIn <= ANNOUNCED_AT && `The code expires in less than ${ANNOUNCED_AT} seconds.`}
      </span>
    </>
  );
}
