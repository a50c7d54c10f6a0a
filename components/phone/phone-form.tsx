import { type FormEvent, type ReactNode, useContext, useEffect, useState } from 'react';
import type { VerificationActions } from '@/components/flow/use-verification';
import type { VerificationState } from '@/components/flow/verification-state';
import { Button } from '@/components/ui/button';
import { KEPT_FORM } from '@/components/ui/change-language';
import { useElementId } from '@/components/ui/element-id';
import { Field } from '@/components/ui/field';
import { Interpolate } from '@/components/ui/interpolate';
import { apiAddress, PageLoginContext } from '@/components/ui/page-login';
import styles from '@/components/ui/screen.module.css';
import { ScreenLink } from '@/components/ui/screen-link';
import { channelOf } from '@/components/ui/submitter';
import { useText } from '@/components/ui/text';
import { useFocusOnArrival } from '@/components/ui/use-focus-on-arrival';
import { useHydrated } from '@/components/ui/use-hydrated';
import type { PageState } from '@/lib/contract';
import { CountrySelect } from './country-select';
import { usePhoneInput } from './use-phone-input';

interface PhoneFormProps {
  state: VerificationState;
  /** Whether a code that was sent can still be entered. */
  canReturn: boolean;
  actions: VerificationActions;
  /** Ways to verify without a message: passkeys, which the browser suggests in the field, and others. */
  ways: ReactNode;
  countries: PageState['countries'];
  /** The number format of the country that the server chose. */
  example: PageState['example'];
  /** The countries that get calls; null for all. */
  callCountries: PageState['callCountries'];
}

const digitsIn = (text: string): string => text.replace(/\D/g, '');

/**
 * The first screen: a country, a phone number, and a button that sends a code. If a code was already sent and still
 * works, the screen offers the way back to that code.
 */
export function PhoneForm({ state, canReturn, actions, ways, countries, example, callCountries }: PhoneFormProps) {
  const { messages, language } = useText();
  const { phone } = messages;
  const login = useContext(PageLoginContext);
  const formId = useElementId(KEPT_FORM);
  const [chosen, setChosen] = useState(
    example.country === state.country ? example : { country: state.country, number: '' },
  );
  const { number, country, formatInput, readNumber } = usePhoneInput(countries, setChosen);
  // Without script the page cannot know which country people will choose.
  const offersCall = !useHydrated() || callCountries === null || callCountries.includes(chosen.country);
  const [checking, setChecking] = useState(false);
  const { task, typedNumber } = state;
  const isSending = task === 'send' || checking;
  const isBusy = task !== null || checking;
  const problem = state.problem?.at === 'phone' ? state.problem : null;
  useFocusOnArrival(number);
  useEffect(() => {
    if (problem) number.current?.focus();
  }, [number, problem]);

  async function submit(event: FormEvent) {
    event.preventDefault();
    const typed = { number: number.current?.value.trim() ?? '', country: country.current?.value ?? '' };
    if (isBusy) return;
    if (!typed.number) return actions.refuse('send', { code: 'NUMBER_MISSING', about: 'value' });
    const channel = channelOf(event) ?? 'sms';
    setChecking(true);
    const read = await readNumber();
    setChecking(false);
    // The person left or typed meanwhile.
    if (!number.current || digitsIn(number.current.value) !== digitsIn(typed.number)) return;
    if (read.kind === 'invalid') return actions.refuse('send', { code: 'INVALID_PHONE_NUMBER', about: 'value' });
    void actions.send(typed, channel, read.kind === 'valid' ? read.e164 : undefined);
  }

  function edited(event?: FormEvent) {
    const { isComposing = false, inputType = '' } = (event?.nativeEvent ?? {}) as Partial<InputEvent>;
    actions.edited();
    if (!isComposing) formatInput(!inputType.startsWith('delete'));
  }

  return (
    <form
      id={formId}
      className={styles.screen}
      method="post"
      action={apiAddress('/api/send-otp', login)}
      noValidate
      onSubmit={submit}
    >
      <p className={styles.step}>{phone.step}</p>
      <h1 className={styles.heading}>{phone.heading}</h1>
      <p className={styles.lead}>{phone.lead}</p>
      <input type="hidden" name="language" value={language} />
      {problem?.ticket && <input type="hidden" name="solution" value={problem.ticket} />}
      <fieldset className={styles.group}>
        <legend className="visually-hidden">{phone.heading}</legend>
        <CountrySelect
          ref={country}
          countries={countries}
          chosen={state.country}
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
          label={phone.number}
          hint={
            chosen.number && (
              <Interpolate text={phone.hint}>
                <bdi dir="ltr">{chosen.number}</bdi>
              </Interpolate>
            )
          }
          type="tel"
          autoComplete={ways ? 'tel webauthn' : 'tel'}
          maxLength={32}
          required
          defaultValue={typedNumber || undefined}
          readOnly={isBusy}
          problem={problem}
          onFocus={() => formatInput()}
          onInput={edited}
          onCompositionEnd={() => edited()}
        />
      </fieldset>
      <div className={styles.actions}>
        <Button type="submit" busy={isSending}>
          {isSending ? phone.sending : problem?.about === 'outage' ? messages.retry : phone.send}
        </Button>
        {callCountries?.length !== 0 && (
          <Button type="submit" variant="link" name="channel" value="voice" absent={!offersCall} blocked={isBusy}>
            {phone.call}
          </Button>
        )}
        {canReturn && (
          <ScreenLink href="?" onNavigate={actions.returnToCode}>
            {phone.back}
          </ScreenLink>
        )}
        {ways}
      </div>
    </form>
  );
}
