import styles from '@/components/ui/screen.module.css';
import { useText } from '@/components/ui/text';
import { say } from '@/lib/i18n/say';

/** How many seconds before expiry the page announces it to screen readers. */
const ANNOUNCED_AT = 30;

/** Counts down to the code's expiry, and announces it once shortly before. */
export function CodeExpiry({ expiresIn }: { expiresIn: number }) {
  const { code } = useText().messages;
  const time = `${Math.floor(expiresIn / 60)}:${String(expiresIn % 60).padStart(2, '0')}`;
  return (
    <>
      <p className={styles.expiry}>{say(code.expiresIn, { time })}</p>
      <span className="visually-hidden" role="status">
        {expiresIn <= ANNOUNCED_AT && say(code.lastSeconds, { seconds: ANNOUNCED_AT })}
      </span>
    </>
  );
}
