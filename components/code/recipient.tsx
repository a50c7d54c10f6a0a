import { Interpolate } from '@/components/ui/interpolate';
import styles from '@/components/ui/screen.module.css';
import { ScreenLink } from '@/components/ui/screen-link';
import { spokenNumber } from '@/components/ui/spoken-number';
import { useText } from '@/components/ui/text';

interface RecipientProps {
  /** With `{number}`. */
  text: string;
  number: string;
  onChange: () => void;
}

/** Where a code went, or will go, with a link back to the number, which sends nothing. */
export function Recipient({ text, number, onChange }: RecipientProps) {
  const { messages } = useText();
  const spoken = spokenNumber(number, messages);
  return (
    <p className={styles.lead}>
      <Interpolate text={text}>
        <bdi className={styles.number} dir="ltr" aria-hidden={spoken !== number}>
          {number}
        </bdi>
        {spoken !== number && <span className="visually-hidden">{spoken}</span>}
      </Interpolate>{' '}
      <ScreenLink href="/?step=phone" onNavigate={onChange}>
        {messages.code.change}
      </ScreenLink>
    </p>
  );
}
