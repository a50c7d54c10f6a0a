import { type FormEvent, useEffect, useRef } from 'react';
import { isOutage } from './api';
import { Button } from './button';
import { Field } from './field';
import styles from './screen.module.css';
import type { VerificationActions } from './use-verification';
import type { VerificationState } from './verification-state';

interface PhoneFormProps {
  state: VerificationState;
  actions: VerificationActions;
}

/**
 * The first screen: a phone number, and a button that has a code sent to it. Needs the verification's state and actions.
 * Where a code was sent already, it offers the way back to entering it.
 */
export function PhoneForm({ state, actions }: PhoneFormProps) {
  const input = useRef<HTMLInputElement>(null);
  const { moved, task, sent, typedNumber } = state;
  const problem = state.problem?.at === 'phone' ? state.problem : null;

  useEffect(() => {
    if (moved || problem) input.current?.focus();
  }, [moved, problem]);

  function submit(event: FormEvent) {
    event.preventDefault();
    const phoneNumber = input.current?.value.trim() ?? '';
    if (phoneNumber) void actions.send(phoneNumber);
    else actions.refuse('send', { code: 'INVALID_PHONE_NUMBER', message: 'Enter your phone number.' });
  }

  return (
    <form className={styles.screen} method="post" action="/" noValidate onSubmit={submit}>
      <p className={styles.step}>Step 1 of 2</p>
      <h1 className={styles.heading}>Verify your phone number</h1>
      <p className={styles.lead}>We will send you a text message with a code to enter on the next screen.</p>
      <Field
        ref={input}
        id="phone-number"
        name="phoneNumber"
        look="phone"
        label="Phone number"
        hint="With country code, like +1 415 555 2671"
        type="tel"
        autoComplete="tel"
        maxLength={32}
        required
        defaultValue={typedNumber || undefined}
        readOnly={task !== null}
        problem={problem}
        onInput={actions.edited}
      />
      <div className={styles.actions}>
        <Button type="submit" busy={task === 'send'}>
          {task === 'send' ? 'Sending…' : problem && isOutage(problem) ? 'Try again' : 'Send code'}
        </Button>
        {sent && (
          <Button look="link" blocked={task !== null} onClick={actions.returnToCode}>
            Back to entering the code
          </Button>
        )}
      </div>
    </form>
  );
}
