import { type FormEvent, useRef, useState } from 'react';
import { addPasskey } from '@/components/factors/add-passkey';
import styles from '@/components/factors/factors.module.css';
import { WithProblem } from '@/components/factors/with-problem';
import { Button } from '@/components/ui/button';
import { Field } from '@/components/ui/field';
import type { Failure } from '@/components/ui/problem';
import screen from '@/components/ui/screen.module.css';
import { useHydrated } from '@/components/ui/use-hydrated';
import { BASE_PATH } from '@/lib/base-path';
import type { WaysState } from '@/lib/contract';
import { Part } from './part';

/** A form for a new passkey. It needs script, so its place stays empty until the script runs. */
export function AddPasskey({ page: { messages, words, errorSubjects } }: { page: WaysState }) {
  const { factors } = messages;
  const canAdd = useHydrated() && 'PublicKeyCredential' in window;
  const name = useRef<HTMLInputElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);

  async function submit(event: FormEvent) {
    event.preventDefault();
    if (isBusy) return;
    setFailure(null);
    setBusy(true);
    const context = { login: null, errorSubjects };
    const outcome = await addPasskey(context, name.current?.value.trim() || factors.passkey);
    // The button stays busy until the page has loaded again.
    if (outcome.ok) return window.location.assign(`${BASE_PATH}/ways`);
    setBusy(false);
    setFailure(outcome.failure);
    button.current?.focus();
  }

  return (
    <div className={canAdd ? undefined : styles.absent}>
      <Part id="passkey" heading={words.types.passkey}>
        <p className={styles.note}>{words.passkeyText}</p>
        <form className={screen.screen} onSubmit={submit}>
          <Field
            ref={name}
            id="passkey-name"
            label={words.passkeyName}
            hint={words.nameHint}
            dir="auto"
            type="text"
            autoComplete="off"
            maxLength={64}
            problem={null}
          />
          <div className={screen.actions}>
            <WithProblem id="passkey-problem" failure={failure}>
              <Button
                ref={button}
                type="submit"
                variant="secondary"
                busy={isBusy}
                aria-describedby={failure ? 'passkey-problem' : undefined}
              >
                {isBusy ? factors.adding : factors.add}
              </Button>
            </WithProblem>
          </div>
        </form>
      </Part>
    </div>
  );
}
