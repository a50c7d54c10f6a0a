import { type FormEvent, useContext, useEffect, useRef, useState } from 'react';
import { CountrySelect } from '@/components/phone/country-select';
import { usePhoneInput } from '@/components/phone/use-phone-input';
import { Button } from '@/components/ui/button';
import { KEPT_FORM } from '@/components/ui/change-language';
import { Field } from '@/components/ui/field';
import { Interpolate } from '@/components/ui/interpolate';
import { apiAddress, PageLoginContext } from '@/components/ui/page-login';
import styles from '@/components/ui/screen.module.css';
import { ScreenLink } from '@/components/ui/screen-link';
import { useText } from '@/components/ui/text';
import { HOME } from '@/lib/base-path';
import type { CodeFactorType, SignInState } from '@/lib/contract';
import { ROUTES, type SignInProgress, type useSignIn } from './use-sign-in';

interface SignInFormProps {
  page: SignInState;
  method: CodeFactorType;
  onMethod: (method: CodeFactorType) => void;
  progress: SignInProgress;
  actions: ReturnType<typeof useSignIn>[1];
}

/** How people type each kind of code. */
const FIELDS = {
  totp: { inputMode: 'numeric', autoComplete: 'one-time-code', maxLength: 16 },
  'recovery-code': { inputMode: 'text', autoComplete: 'off', maxLength: 64 },
} as const;

const OTHER = { totp: 'recovery-code', 'recovery-code': 'totp' } as const satisfies Record<
  CodeFactorType,
  CodeFactorType
>;

/** The form for a number and a code from an authenticator app, or a recovery code. */
export function SignInForm({ page, method, onMethod, progress: { isBusy, problem }, actions }: SignInFormProps) {
  const { messages } = useText();
  const { countries, example, typed, words } = page;
  const login = useContext(PageLoginContext);
  const isFixed = login?.fixedNumber != null;
  const [chosen, setChosen] = useState(example);
  const { number, country, formatInput, readNumber } = usePhoneInput(countries, setChosen);
  const code = useRef<HTMLInputElement>(null);
  const { heading, label, hint } = words[method];
  const other = OTHER[method];

  useEffect(() => {
    if (!problem) return;
    const field = problem.at === 'phone' ? number.current : code.current;
    if (problem.code === 'WRONG_CODE' && field) field.value = '';
    field?.focus();
  }, [problem, number]);

  async function submit(event: FormEvent) {
    event.preventDefault();
    if (isBusy) return;
    const given = { number: number.current?.value.trim() ?? '', country: country.current?.value ?? '' };
    const answer = code.current?.value.trim() ?? '';
    if (!isFixed && !given.number) return actions.refuse({ code: 'NUMBER_MISSING', about: 'value' });
    if (!answer) return actions.refuse({ code: 'CODE_INCOMPLETE', about: 'value' });
    const read = isFixed ? ({ kind: 'unknown' } as const) : await readNumber();
    if (read.kind === 'invalid') return actions.refuse({ code: 'INVALID_PHONE_NUMBER', about: 'value' });
    await actions.verify(method, given, read.kind === 'valid' ? read.e164 : undefined, answer);
  }

  function edited(event?: FormEvent) {
    const { isComposing = false, inputType = '' } = (event?.nativeEvent ?? {}) as Partial<InputEvent>;
    actions.edited();
    if (!isComposing) formatInput(!inputType.startsWith('delete'));
  }

  return (
    <form
      id={KEPT_FORM}
      className={styles.screen}
      method="post"
      action={apiAddress(ROUTES[method], login)}
      noValidate
      onSubmit={submit}
    >
      <h1 className={styles.heading}>{heading}</h1>
      {isFixed ? (
        // The server already knows the number, so the field stays empty.
        <input type="hidden" name="phoneNumber" value="" />
      ) : (
        <fieldset className={styles.group}>
          <legend className="visually-hidden">{messages.phone.number}</legend>
          <CountrySelect
            ref={country}
            countries={countries}
            chosen={typed?.country || page.country}
            onChange={(done) => {
              setChosen({ country: country.current?.value ?? '', number: '' });
              edited();
              if (done) number.current?.focus();
            }}
          />
          <Field
            ref={number}
            id="phone-number"
            name="phoneNumber"
            label={messages.phone.number}
            hint={
              chosen.number && (
                <Interpolate text={messages.phone.hint}>
                  <bdi dir="ltr">{chosen.number}</bdi>
                </Interpolate>
              )
            }
            type="tel"
            autoComplete="tel"
            maxLength={32}
            required
            defaultValue={typed?.number || undefined}
            readOnly={isBusy}
            problem={problem?.at === 'phone' ? problem : null}
            onFocus={() => formatInput()}
            onInput={edited}
            onCompositionEnd={() => edited()}
          />
        </fieldset>
      )}
      <Field
        ref={code}
        id="factor-code"
        name="code"
        key={method}
        label={label}
        hint={hint}
        type="text"
        {...FIELDS[method]}
        autoCapitalize="off"
        spellCheck={false}
        required
        readOnly={isBusy}
        problem={problem?.at === 'code' ? problem : null}
        onInput={actions.edited}
      />
      <div className={styles.actions}>
        <Button type="submit" busy={isBusy}>
          {isBusy ? messages.code.checking : problem?.about === 'outage' ? messages.retry : messages.code.verify}
        </Button>
        <div className={styles.others}>
          {/* Without script, this button loads the page with the other form, and the number stays. */}
          <Button
            type="submit"
            variant="link"
            formAction="?"
            name="with"
            value={other}
            blocked={isBusy}
            onClick={(event) => {
              event.preventDefault();
              actions.edited();
              onMethod(other);
            }}
          >
            {words[other].instead}
          </Button>
          <ScreenLink href={login?.page ?? HOME}>{words.back}</ScreenLink>
        </div>
      </div>
    </form>
  );
}
