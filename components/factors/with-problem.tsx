import type { ReactNode } from 'react';
import field from '@/components/ui/field.module.css';
import type { Failure } from '@/components/ui/problem';
import { ProblemText } from '@/components/ui/problem-text';
import { Room } from '@/components/ui/room';

interface WithProblemProps {
  /** The problem's id, for `aria-describedby` on the control. */
  id: string;
  failure: Failure | null;
  children: ReactNode;
}

/** A control with its problem below it, which a screen reader reads out. */
export function WithProblem({ id, failure, children }: WithProblemProps) {
  return (
    <div className={field.field}>
      {children}
      <Room>
        {failure && (
          <div className={field.message} role="alert">
            <ProblemText
              id={id}
              problem={{ ...failure, at: 'passkey', wait: { seconds: failure.retryAfterSeconds ?? 0 } }}
            />
          </div>
        )}
      </Room>
    </div>
  );
}
