import { Button } from './button';
import styles from './screen.module.css';
import type { SentCode } from './verification-state';

/** Where the code went, with a control that goes back to the number and sends nothing. Needs the code that was sent. */
export function Recipient({ sent, onChange }: { sent: SentCode; onChange: () => void }) {
  const ending = /\d+$/.exec(sent.to)?.[0];
  return (
    <p className={styles.lead}>
      We {sent.channel === 'voice' ? 'are calling' : 'sent a text message to'}{' '}
      <bdi className={styles.number} dir="ltr" aria-hidden={ending !== undefined}>
        {sent.to}
      </bdi>
      {/* Read out, the bullets would be seven words of nothing. */}
      {ending && <span className="visually-hidden">the number ending in {[...ending].join(' ')}</span>}.{' '}
      <Button look="link" onClick={onChange}>
        Change number
      </Button>
    </p>
  );
}
