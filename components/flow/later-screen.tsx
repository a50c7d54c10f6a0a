import type { ReactNode } from 'react';
import { CodeForm } from '@/components/code/code-form';
import { EndedCode } from '@/components/code/ended-code';
import type { PageState } from '@/lib/contract';
import type { Ended } from './ended';
import type { VerificationActions } from './use-verification';
import type { VerificationState } from './verification-state';
import { VerifiedPanel } from './verified-panel';

export interface LaterScreenProps {
  page: PageState;
  state: VerificationState;
  actions: VerificationActions;
  /** Why the person cannot enter a code; null while they can. */
  ended: Ended | null;
  /** Seconds until the code expires, until it may be sent again, and until a lock ends. */
  expiresIn: number;
  resendIn: number;
  lockedIn: number;
  continueUrl: string | null;
  /** Other ways to verify, on the last screen. */
  ways?: ReactNode;
}

/** The screens after the first: the code, its end, and success. */
export function LaterScreen({
  state,
  actions,
  ended,
  expiresIn,
  resendIn,
  lockedIn,
  continueUrl,
  ways,
}: LaterScreenProps) {
  const { step, sent, verifiedNumberText } = state;
  if (step === 'verified')
    return (
      <VerifiedPanel continueUrl={continueUrl} phoneNumber={verifiedNumberText} onRestart={actions.changeNumber}>
        {ways}
      </VerifiedPanel>
    );
  if (!sent) return null;
  return ended ? (
    <EndedCode state={state} sent={sent} ended={ended} actions={actions} lockedIn={lockedIn} resendIn={resendIn} />
  ) : (
    <CodeForm state={state} sent={sent} actions={actions} expiresIn={expiresIn} resendIn={resendIn} />
  );
}
