import { useContext, useEffect, useRef } from 'react';
import { SendingForm } from '@/components/factors/sending-form';
import { apiAddress, PageLoginContext } from '@/components/ui/page-login';
import styles from '@/components/ui/screen.module.css';
import { useText } from '@/components/ui/text';
import type { TypedNumber } from '@/lib/contract';

/**
 * Appears after a correct code from an app if no code by phone has confirmed the number for a long time. Its button
 * sends such a code.
 */
export function CodeDue({ typed: { number, country } }: { typed: TypedNumber }) {
  const { messages, language } = useText();
  const login = useContext(PageLoginContext);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const fields = { phoneNumber: number, language, ...(country && { country }) };
  return (
    <div className={styles.screen}>
      <h1 ref={heading} tabIndex={-1} className={styles.heading}>
        {messages.phone.heading}
      </h1>
      <p className={styles.lead}>{messages.problems.NUMBER_STALE}</p>
      <SendingForm action={apiAddress('/api/send-otp', login)} fields={fields} label={messages.phone.send} />
    </div>
  );
}
