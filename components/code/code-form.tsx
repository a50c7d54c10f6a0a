import { type ClipboardEvent, type FormEvent, useContext, useEffect, useRef } from 'react';
import type { VerificationActions } from '@/components/flow/use-verification';
import type { SentCode, VerificationState } from '@/components/flow/verification-state';
import { Button } from '@/components/ui/button';
import { Field } from '@/components/ui/field';
import { NumberLine } from '@/components/ui/number-line';
import { apiAddress, PageLoginContext } from '@/components/ui/page-login';
import styles from '@/components/ui/screen.module.css';
import { useText } from '@/components/ui/text';
import { useFocusOnArrival } from '@/components/ui/use-focus-on-arrival';
import { say } from '@/lib/i18n/say';
import { CodeExpiry } from './code-expiry';
import { readCode } from './read-code';
import { ResendCode } from './resend-code';
import { useWebOtp } from './use-web-otp';

interface CodeFormProps {
  state: VerificationState;
  sent: SentCode;
  actions: VerificationActions;
  /** Seconds until the code expires, and until it may be sent again. */
  expiresIn: number;
  resendIn: number;
}

/**
 * The second screen: one field for the code, and the ways to get another code or to change the number. The form submits
 * itself once, when the code is complete.
 */
export function CodeForm({ state, sent, actions, expiresIn, resendIn }: CodeFormProps) {
  const { messages } = useText();
  const { code: words } = messages;
  const login = useContext(PageLoginContext);
  const input = useRef<HTMLInputElement>(null);
  const lastCode = useRef('');
  const { task } = state;
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

  useWebOtp(sent.channel === 'sms' && task === null, sent.serial, (message) => fill(readCode(message, sent.pinLength)));

  function typed(event: FormEvent<HTMLInputElement>) {
    if ((event.nativeEvent as InputEvent).isComposing) return;
    const { value, selectionStart } = event.currentTarget;
    actions.edited();
    fill(readCode(value, sent.pinLength), readCode(value.slice(0, selectionStart ?? undefined), sent.pinLength).length);
  }

  /** A whole code replaces the content of the field; anything less goes in at the caret. */
  function pasted(event: ClipboardEvent) {
    const code = readCode(event.clipboardData.getData('text'), sent.pinLength);
    if (code.length !== sent.pinLength || task !== null) return;
    event.preventDefault();
    actions.edited();
    fill(code);
  }

  function submit(event: FormEvent) {
    event.preventDefault();
    const code = readCode(input.current?.value ?? '', sent.pinLength);
    // People press Enter after the last digit, although the form submits itself. This Enter may arrive after the server
    // has refused the code and the field is empty again.
    if (code === '' && problem) return;
    lastCode.current = code;
    if (code.length === sent.pinLength) void actions.verify(code);
    else if (task === null) actions.refuse('verify', { code: 'CODE_INCOMPLETE', about: 'value' });
  }

  // The field takes the focus when the screen appears, when the code has a problem and when a code was sent again.
  useFocusOnArrival(input);
  const { serial } = sent;
  const lastSerial = useRef(serial);
  useEffect(() => {
    const field = input.current;
    const sentAgain = lastSerial.current !== serial;
    lastSerial.current = serial;
    if (!field) return;
    if (sentAgain || (problem && (problem.code === 'WRONG_PIN' || problem.about === 'code'))) {
      field.value = '';
      lastCode.current = '';
    }
    if (problem || sentAgain) field.focus();
  }, [problem, serial]);

  return (
    <div className={styles.screen}>
      <p className={styles.step}>{words.step}</p>
      <h1 className={styles.heading}>{words.heading}</h1>
      <NumberLine
        text={sent.channel === 'voice' ? words.called : words.texted}
        number={sent.to}
        onChange={login?.fixedNumber ? undefined : actions.changeNumber}
      />
      <form
        className={styles.screen}
        method="post"
        action={apiAddress('/api/verify-otp', login)}
        noValidate
        onSubmit={submit}
      >
        <Field
          ref={input}
          id="code"
          name="pin"
          slots={sent.pinLength}
          label={words.label}
          hint={say(words.hint, { count: sent.pinLength })}
          type="text"
          inputMode="numeric"
          autoComplete="one-time-code"
          autoCapitalize="off"
          spellCheck={false}
          required
          readOnly={task !== null}
          problem={problem}
          onInput={typed}
          onCompositionEnd={typed}
          onPaste={pasted}
        />
        <CodeExpiry expiresIn={expiresIn} />
        <div className={styles.actions}>
          <Button type="submit" busy={task === 'verify'} blocked={task === 'resend'}>
            {task === 'verify' ? words.checking : problem?.about === 'outage' ? messages.retry : words.verify}
          </Button>
        </div>
      </form>
      <ResendCode state={state} sent={sent} resendIn={resendIn} onResend={actions.resend} />
    </div>
  );
}
