import { announcementText } from '@/components/flow/announcement';
import appears from '@/components/ui/appears.module.css';
import { useText } from '@/components/ui/text';
import type { SignInState } from '@/lib/contract';
import { CodeDue } from './code-due';
import { SignInForm } from './sign-in-form';
import { useSignIn } from './use-sign-in';

/** The form and, if a code by phone is due as well, the way to that. */
export function SignIn({ page }: { page: SignInState }) {
  const text = useText();
  const [progress, actions] = useSignIn(page);
  const { isBusy, problem, stale, count } = progress;
  const said = isBusy
    ? ({ kind: 'busy', task: 'verify' } as const)
    : problem && ({ kind: 'problem', problem } as const);
  return (
    <>
      {stale ? (
        <div className={appears.appears}>
          <CodeDue typed={stale} />
        </div>
      ) : (
        <SignInForm page={page} progress={progress} actions={actions} />
      )}
      <p className="visually-hidden" role="status">
        {count > 0 && announcementText(said, text)}
        {/* The same words again would be no change, and not be heard. */}
        {count % 2 === 1 && '\u00a0'}
      </p>
    </>
  );
}
