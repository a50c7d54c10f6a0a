import type { SentCode } from '@/components/flow/verification-state';
import { Interpolate } from '@/components/ui/interpolate';
import styles from '@/components/ui/screen.module.css';
import { ScreenLink } from '@/components/ui/screen-link';
import { useText } from '@/components/ui/text';
import { say } from '@/lib/i18n/say';

/** Where the code went, with a link back to the number, which sends nothing. Needs the code that was sent. */
export function Recipient({ sent, onChange }: { sent: SentCode; onChange: () => void }) {
  const { messages } = useText();
  const { code } = messages;
  const ending = /\d+$/.exec(sent.to)?.[0];
  return (
    <p className={styles.lead}>
      <Interpolate text={sent.channel === 'voice' ? code.called : code.texted}>
        <bdi className={styles.number} dir="ltr" aria-hidden={ending !== undefined}>
          {sent.to}
        </bdi>
        {/* Read out, the bullets would be seven words of nothing. */}
        {ending && <span className="visually-hidden">{say(code.ending, { digits: [...ending].join(' ') })}</span>}
      </Interpolate>{' '}
      <ScreenLink href="/?step=phone" onNavigate={onChange}>
        {code.change}
      </ScreenLink>
    </p>
  );
}
