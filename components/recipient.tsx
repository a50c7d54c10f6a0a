import { say } from '@/lib/i18n/say';
import { Go } from './go';
import styles from './screen.module.css';
import { useText } from './text';
import type { SentCode } from './verification-state';
import { WithNumber } from './with-number';

/** Where the code went, with a link back to the number, which sends nothing. Needs the code that was sent. */
export function Recipient({ sent, onChange }: { sent: SentCode; onChange: () => void }) {
  const { messages } = useText();
  const { code } = messages;
  const ending = /\d+$/.exec(sent.to)?.[0];
  return (
    <p className={styles.lead}>
      <WithNumber text={sent.channel === 'voice' ? code.called : code.texted}>
        <bdi className={styles.number} dir="ltr" aria-hidden={ending !== undefined}>
          {sent.to}
        </bdi>
        {/* Read out, the bullets would be seven words of nothing. */}
        {ending && <span className="visually-hidden">{say(code.ending, { digits: [...ending].join(' ') })}</span>}
      </WithNumber>{' '}
      <Go href="/?step=phone" onGo={onChange}>
        {code.change}
      </Go>
    </p>
  );
}
