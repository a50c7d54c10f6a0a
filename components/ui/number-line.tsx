import { Interpolate } from './interpolate';
import styles from './screen.module.css';
import { ScreenLink } from './screen-link';
import { spokenNumber } from './spoken-number';
import { useText } from './text';

interface NumberLineProps {
  /** Contains `{number}`. */
  text: string;
  number: string;
  /** Goes back to the number without sending anything; undefined if the number can no longer change. */
  onChange?: (() => void) | undefined;
}

/** A sentence about the number, such as where its code went, with a link to change it. */
export function NumberLine({ text, number, onChange }: NumberLineProps) {
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
      {onChange && (
        <ScreenLink href="?step=phone" onNavigate={onChange}>
          {messages.code.change}
        </ScreenLink>
      )}
    </p>
  );
}
