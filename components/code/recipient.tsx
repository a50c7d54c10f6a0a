import type { SentCode } from '@/components/flow/verification-state';
import { Interpolate } from '@/components/ui/interpolate';
import styles from '@/components/ui/screen.module.css';
import { ScreenLink } from '@/components/ui/screen-link';
import { spokenNumber } from '@/components/ui/spoken-number';
import { useText } from '@/components/ui/text';

/** Where the code went, with a link back to the number, which sends nothing. Needs the code that was sent. */
export function Recipient({ sent, onChange }: { sent: SentCode; onChange: () => void }) {
  const { messages } = useText();
  const { code } = messages;
  const spoken = spokenNumber(sent.to, messages);
  return (
    <p className={styles.lead}>
      <Interpolate text={sent.channel === 'voice' ? code.called : code.texted}>
        <bdi className={styles.number} dir="ltr" aria-hidden={spoken !== sent.to}>
          {sent.to}
        </bdi>
        {spoken !== sent.to && <span className="visually-hidden">{spoken}</span>}
      </Interpolate>{' '}
      <ScreenLink href="/?step=phone" onNavigate={onChange}>
        {code.change}
      </ScreenLink>
    </p>
  );
}
