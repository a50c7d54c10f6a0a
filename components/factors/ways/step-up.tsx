import { useRef, useState } from 'react';
import { SendingForm } from '@/components/factors/sending-form';
import { verifyByPasskey } from '@/components/factors/verify-by-passkey';
import { WithProblem } from '@/components/factors/with-problem';
import { Button } from '@/components/ui/button';
import type { Failure } from '@/components/ui/problem';
import screen from '@/components/ui/screen.module.css';
import { ScreenLink } from '@/components/ui/screen-link';
import { useHydrated } from '@/components/ui/use-hydrated';
import { BASE_PATH } from '@/lib/base-path';
import type { WaysState } from '@/lib/contract';
import { say } from '@/lib/i18n/say';
import { Part } from './part';
import type { ViewProps } from './ways-page';

/** Asks the person to use one of the number's ways: a code by phone is not enough to change them. */
export function StepUp({ page, view }: ViewProps<'step-up'>) {
  const { messages, words } = page;
  const { methods, mayReset, resetAt } = view;
  const signIn = `${BASE_PATH}/sign-in`;
  return (
    <>
      <section className={screen.screen}>
        <h1 className={screen.heading}>{words.confirmHeading}</h1>
        <p className={screen.lead}>{messages.problems.STEP_UP_REQUIRED}</p>
        <div className={screen.actions}>
          {methods.includes('passkey') && <PasskeyStep page={page} />}
          {methods.includes('totp') && <ScreenLink href={signIn}>{words.signIn.totp.instead}</ScreenLink>}
          {methods.includes('recovery-code') && (
            <ScreenLink href={`${signIn}?with=recovery-code`}>{words.signIn['recovery-code'].instead}</ScreenLink>
          )}
        </div>
      </section>
      {mayReset && (
        <Part id="reset" heading={words.reset.heading}>
          {resetAt === null ? (
            <>
              <p>{words.reset.text}</p>
              <SendingForm
                action={`${BASE_PATH}/api/factors/reset`}
                fields={{}}
                label={words.reset.request}
                variant="secondary"
              />
            </>
          ) : (
            <p>{say(words.reset.pending, { date: resetAt })}</p>
          )}
        </Part>
      )}
    </>
  );
}

/** The button for a passkey. It needs script, so its place stays empty until the script runs. */
function PasskeyStep({ page }: { page: WaysState }) {
  const { messages, errorSubjects } = page;
  const canUse = useHydrated() && 'PublicKeyCredential' in window;
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const button = useRef<HTMLButtonElement>(null);

  async function verify() {
    setFailure(null);
    setBusy(true);
    const outcome = await verifyByPasskey({ login: null, errorSubjects }, new AbortController().signal);
    // The button stays busy until the next page has loaded.
    if (outcome.ok) return window.location.assign(`${BASE_PATH}/ways`);
    setBusy(false);
    setFailure(outcome.failure);
    button.current?.focus();
  }

  return (
    <WithProblem id="passkey-problem" failure={failure}>
      <Button
        ref={button}
        absent={!canUse}
        busy={isBusy}
        aria-describedby={failure ? 'passkey-problem' : undefined}
        onClick={() => void verify()}
      >
        {messages.factors.usePasskey}
      </Button>
    </WithProblem>
  );
}
