import styles from '@/components/ui/screen.module.css';
import { useText } from '@/components/ui/text';
import { say } from '@/lib/i18n/say';

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
  const { code } = useText().messages;
  const expired = expiresIn === 0;
  const time = `${Math.floor(expiresIn / 60)}:${String(expiresIn % 60).padStart(2, '0')}`;
  return (
    <>
      <p className={styles.expiry}>{spent ? code.spent : expired ? code.expired : say(code.worksFor, { time })}</p>
      <span className="visually-hidden" role="status">
        {!spent && expired && code.expiredNews}
        {!spent && !expired && expiresIn <= ANNOUNCED_AT && say(code.lastSeconds, { seconds: ANNOUNCED_AT })}
      </span>
    </>
  );
}
