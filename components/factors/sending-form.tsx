import { type FormEvent, useEffect, useRef, useState } from 'react';
import { Button } from '@/components/ui/button';
import styles from '@/components/ui/screen.module.css';

interface SendingFormProps {
  action: string;
  /** The fields that the form sends, by name. */
  fields: Readonly<Record<string, string>>;
  label: string;
  /** The name of the button for screen readers, if the label alone is ambiguous. */
  longLabel?: string;
  variant?: 'primary' | 'secondary';
}

/** Sends a form only once, because a double click must not use up two codes. A return to the page enables it again. */
export function useSentOnce(): [isSent: boolean, onSubmit: (event: FormEvent) => void] {
  const sent = useRef(false);
  const [isSent, show] = useState(false);
  useEffect(() => {
    const back = () => {
      sent.current = false;
      show(false);
    };
    window.addEventListener('pageshow', back);
    return () => window.removeEventListener('pageshow', back);
  }, []);
  return [
    isSent,
    (event) => {
      if (sent.current) event.preventDefault();
      sent.current = true;
      show(true);
    },
  ];
}

/** A form that is only a button. The browser itself submits it, with script or without. */
export function SendingForm({ action, fields, label, longLabel, variant = 'primary' }: SendingFormProps) {
  const [isSent, onSubmit] = useSentOnce();
  return (
    <form method="post" action={action} className={styles.actions} onSubmit={onSubmit}>
      {Object.entries(fields).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      <Button type="submit" variant={variant} busy={isSent} aria-label={longLabel}>
        {label}
      </Button>
    </form>
  );
}
