import { type ClipboardEvent, type FormEvent, useEffect, useRef } from 'react';
import { isOutage } from './api';
import { Button } from './button';
import { CodeExpiry } from './code-expiry';
import { Field } from './field';
import { readCode } from './read-code';
import { Recipient } from './recipient';
import { ResendCode } from './resend-code';
import styles from './screen.module.css';
import type { VerificationActions } from './use-verification';
import type { SentCode, VerificationState } from './verification-state';

interface CodeFormProps {
  state: VerificationState;
  sent: SentCode;
  actions: VerificationActions;
  /** Seconds left of the code, and until it may be sent again. */
  expiresIn: number;
  resendIn: number;
}

/** After these the code in the field is of no more use. Any other trouble keeps it, for another try. */
const ENDS_CODE: ReadonlySet<string> = new Set(['WRONG_PIN', 'TOO_MANY_ATTEMPTS', 'PIN_EXPIRED', 'PIN_NOT_FOUND']);

/**
 * The second screen: one field for the code, which is submitted once when it is complete, and the ways to get another
 * code or to change the number. Needs the code that was sent, the verification's state and actions, and the counts.
 */
export function CodeForm({ state, sent, actions, expiresIn, resendIn }: CodeFormProps) {
  const input = useRef<HTMLInputElement>(null);
  const lastCode = useRef('');
  const { moved, task } = state;
  const problem = state.problem?.at === 'code' ? state.problem : null;

  function fill(code: string, caret = code.length) {
    const field = input.current;
    if (!field) return;
    if (field.value !== code) {
      field.value = code;
      field.setSelectionRange(caret, caret);
    }
    const completed = code.length === sent.pinLength && code !== lastCode.current;
    lastCode.current = code;
    if (completed) void actions.verify(code);
  }

  function typed(event: FormEvent<HTMLInputElement>) {
    const { value, selectionStart } = event.currentTarget;
    actions.edited();
    fill(readCode(value, sent.pinLength), readCode(value.slice(0, selectionStart ?? undefined), sent.pinLength).length);
  }

  /** A whole code replaces what is in the field; anything less goes in where the caret is. */
  function pasted(event: ClipboardEvent) {
    const code = readCode(event.clipboardData.getData('text'), sent.pinLength);
    if (code.length !== sent.pinLength || task !== null || sent.spent) return;
    event.preventDefault();
    actions.edited();
    fill(code);
  }

  function submit(event: FormEvent) {
    event.preventDefault();
    if (sent.spent) return;
    const code = readCode(input.current?.value ?? '', sent.pinLength);
    lastCode.current = code;
    if (code.length === sent.pinLength) void actions.verify(code);
    else if (task === null) {
      actions.refuse('verify', {
        code: 'INVALID_PIN_FORMAT',
        message: `Enter all ${sent.pinLength} digits of the code.`,
      });
    }
  }

  // The code screen's arrival, a problem with the code and a code sent again: each ends in the field, ready to type.
  const { expiry } = sent;
  const lastExpiry = useRef(expiry);
  useEffect(() => {
    const field = input.current;
    const sentAgain = lastExpiry.current !== expiry;
    lastExpiry.current = expiry;
    if (!field) return;
    if (sentAgain || (problem && ENDS_CODE.has(problem.code))) {
      field.value = '';
      lastCode.current = '';
    }
    if (moved || problem || sentAgain) field.focus();
  }, [moved, problem, expiry]);

  const over = sent.spent || expiresIn === 0;
  return (
    <form className={styles.screen} method="post" action="/" noValidate onSubmit={submit}>
      <p className={styles.step}>Step 2 of 2</p>
      <h1 className={styles.heading}>Enter the code</h1>
      <Recipient sent={sent} onChange={actions.changeNumber} />
      <Field
        ref={input}
        id="code"
        name="pin"
        look="code"
        label="Verification code"
        hint={`${sent.pinLength} digits, checked as soon as all are there`}
        type="text"
        inputMode="numeric"
        autoComplete="one-time-code"
        autoCapitalize="off"
        spellCheck={false}
        required
        readOnly={task !== null || sent.spent}
        problem={problem}
        onInput={typed}
        onPaste={pasted}
      />
      <CodeExpiry expiresIn={expiresIn} spent={sent.spent} />
      <div className={styles.actions}>
        <Button
          type="submit"
          look={over ? 'secondary' : 'primary'}
          busy={task === 'verify'}
          blocked={task === 'resend' || sent.spent}
        >
          {task === 'verify' ? 'Checking…' : problem && isOutage(problem) ? 'Try again' : 'Verify'}
        </Button>
        <ResendCode state={state} sent={sent} resendIn={resendIn} urgent={over} onResend={actions.resend} />
      </div>
    </form>
  );
}
