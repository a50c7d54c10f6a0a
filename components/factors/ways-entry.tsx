import { useContext, useEffect, useRef } from 'react';
import type { OtherWaysProps } from '@/components/flow/later';
import { Button } from '@/components/ui/button';
import { useElementId } from '@/components/ui/element-id';
import field from '@/components/ui/field.module.css';
import { PageLoginContext } from '@/components/ui/page-login';
import { ProblemText } from '@/components/ui/problem-text';
import { Room } from '@/components/ui/room';
import screen from '@/components/ui/screen.module.css';
import { ScreenLink } from '@/components/ui/screen-link';
import { useText } from '@/components/ui/text';
import { useHydrated } from '@/components/ui/use-hydrated';
import { BASE_PATH } from '@/lib/base-path';

/** The script for passkeys. It loads on the first interaction, together with the next screens, not with the page. */
const loadParts = () => import('./later-parts');

/**
 * The ways to verify without a message, on the first screen. Passkeys need script, so the place of their button stays
 * empty until the script runs.
 */
export function WaysEntry({ state, actions, page }: OtherWaysProps) {
  const { factors } = useText().messages;
  const login = useContext(PageLoginContext);
  const button = useRef<HTMLButtonElement>(null);
  const problemId = useElementId('passkey-problem');
  const canUse = useHydrated() && 'PublicKeyCredential' in window;
  const { task } = state;
  const problem = state.problem?.at === 'passkey' ? state.problem : null;
  useEffect(() => {
    if (problem) button.current?.focus();
  }, [problem]);

  /** @param chosen the answer from a passkey that the browser suggested, in place of a dialog */
  const verify = (chosen?: PublicKeyCredential) =>
    void actions.run('passkey', async (signal) => (await loadParts()).verifyByPasskey(page, signal, chosen));

  // Once a control of the form has had the focus, the browser suggests passkeys in the number field.
  const latest = useRef(verify);
  latest.current = verify;
  useEffect(() => {
    const form = button.current?.form;
    const suggest = ({ target }: FocusEvent) => {
      if (target === button.current) return;
      loadParts().then(
        ({ suggestPasskeys }) => suggestPasskeys(page, (chosen) => latest.current(chosen)),
        // If the script does not load, the button loads it again.
        () => undefined,
      );
    };
    form?.addEventListener('focusin', suggest);
    return () => form?.removeEventListener('focusin', suggest);
  }, [page]);

  return (
    <div className={screen.others}>
      <div className={field.field}>
        <Button
          ref={button}
          variant="secondary"
          absent={!canUse}
          busy={task === 'passkey'}
          blocked={task !== null}
          aria-describedby={problem ? problemId : undefined}
          onClick={() => verify()}
        >
          {factors.usePasskey}
        </Button>
        <Room>
          {problem && (
            <div className={field.message}>
              <ProblemText id={problemId} problem={problem} />
            </div>
          )}
        </Room>
      </div>
      <ScreenLink href={`${BASE_PATH}${login ? `/connect/sign-in/${login.token}` : '/sign-in'}`}>
        {factors.otherWays}
      </ScreenLink>
    </div>
  );
}
