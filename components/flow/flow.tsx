import { type ComponentType, type MouseEvent, useEffect, useState } from 'react';
import type { FixedNumberFormProps } from '@/components/phone/fixed-number-form';
import { PhoneForm } from '@/components/phone/phone-form';
import appears from '@/components/ui/appears.module.css';
import { TextProvider } from '@/components/ui/text';
import { NO_WAIT, useCountdown } from '@/components/ui/use-countdown';
import { announcementText } from './announcement';
import { endedNow } from './ended';
import type { Later } from './later';
import type { LoginVerifiedProps } from './login-verified';
import type { PhoneVerificationProps } from './props';
import { useVerification } from './use-verification';

export interface FlowProps extends PhoneVerificationProps {
  later: Later;
  /** The screens that a login at another application shows instead of ours. */
  screens?: {
    FixedNumberForm: ComponentType<FixedNumberFormProps>;
    LoginVerified: ComponentType<LoginVerifiedProps>;
  };
}

/** Keeps the focus in its field when a press lands on the overlay of something that has just appeared. */
function keepFocus(event: MouseEvent): void {
  const { position, visibility } = getComputedStyle(event.target as Element, '::after');
  if (position === 'fixed' && visibility === 'visible') event.preventDefault();
}

/** Verification of a phone number in three screens: number, code, success. */
export function Flow({ state: initial, onVerified, later, screens }: FlowProps) {
  const { language, messages, countries, example, callCountries, login } = initial;
  const [state, actions] = useVerification(initial, later.load, onVerified);
  const { step, sent } = state;
  // The countdowns run in this component, which never unmounts, so moving between the screens does not restart them.
  const expiresIn = useCountdown(sent?.expiry ?? NO_WAIT);
  const resendIn = useCountdown(sent?.resend ?? NO_WAIT);
  const lockedIn = useCountdown(sent?.ended?.lock ?? NO_WAIT);
  // The server may still accept a code that is being checked.
  const ended = sent && state.task !== 'verify' ? endedNow(sent.ended, expiresIn, lockedIn) : null;

  const canReturn = sent !== null && ended === null;
  const LaterScreen = later.screen();
  const { OtherWays, load } = later;
  const ways = OtherWays && <OtherWays state={state} actions={actions} page={initial} />;
  const [, showLoaded] = useState(false);
  // Loads the later screens if one press leads to the code screen, or if the page begins with one of them.
  const isWanted = !LaterScreen && (canReturn || step !== 'phone');
  useEffect(() => {
    if (isWanted)
      load().then(
        () => showLoaded(true),
        () => undefined,
      );
  }, [isWanted, load]);

  // Removes `step=phone` from the address, so that a reload shows the current state.
  useEffect(() => {
    const { href, search } = window.location;
    if (!/[?&]step=phone(&|$)/.test(search)) return;
    const url = new URL(href);
    url.searchParams.delete('step');
    window.history.replaceState(window.history.state, '', url);
  }, []);

  return (
    <TextProvider language={language} messages={messages}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: it keeps the focus, and offers nothing to press */}
      <div
        key={ended ? ended.by : step}
        className={appears.appears}
        onMouseDown={keepFocus}
        // If the later parts do not load, the first request loads them again.
        onFocus={() => void load().catch(() => undefined)}
        onSubmitCapture={(event) => actions.isStranded() && event.stopPropagation()}
      >
        {step === 'phone' && screens && login?.fixedNumber && (
          <screens.FixedNumberForm state={state} actions={actions} ways={ways} />
        )}
        {step === 'phone' && !login?.fixedNumber && (
          <PhoneForm
            state={state}
            canReturn={canReturn}
            actions={actions}
            ways={ways}
            countries={countries}
            example={example}
            callCountries={callCountries}
          />
        )}
        {step === 'verified' && screens && login && (
          <screens.LoginVerified
            login={login}
            phoneNumber={state.verifiedNumberText}
            isBefore={state.successes === 0}
            redirectTo={state.redirectTo}
          />
        )}
        {LaterScreen && (step === 'code' || (step === 'verified' && !login)) && (
          <LaterScreen
            page={initial}
            state={state}
            actions={actions}
            ended={ended}
            expiresIn={expiresIn}
            resendIn={resendIn}
            lockedIn={lockedIn}
            continueUrl={state.redirectTo ?? initial.continueUrl}
          />
        )}
      </div>
      <p className="visually-hidden" role="status">
        {announcementText(state.announcement, { language, messages })}
        {/* An invisible change in the text makes a screen reader read the same words again. */}
        {state.announcementCount % 2 === 1 && '\u00a0'}
      </p>
    </TextProvider>
  );
}
