import type { Problem } from '@/components/ui/problem';
import { NO_WAIT } from '@/components/ui/use-countdown';
import type { PendingVerification } from '@/lib/contract';
import { verified } from './outcomes';
import { moveTo, sentCode, type VerificationState } from './verification-state';

/** This browser's progress, requested again from the server. */
export type Restored =
  | { step: 'code'; pending: PendingVerification }
  | { step: 'verified'; phoneNumber: string }
  | { step: 'phone' };

/** After an absence, another tab may have continued, or the code may have been used. Typed text stays. */
export function restore(state: VerificationState, restored: Restored): VerificationState {
  if (restored.step === 'code') return { ...state, ...restoreCode(state, restored.pending) };
  if (state.step !== 'code') return restored.step === 'phone' ? { ...state, sent: null } : state;
  if (restored.step === 'verified') return verified(restored)(state);
  const problem: Problem = { code: 'NO_VERIFICATION', about: 'verification', at: 'phone', wait: NO_WAIT };
  return { ...moveTo('phone', state), sent: null, problem, announcement: { kind: 'problem', problem } };
}

/** The code as the server knows it. If another tab sent another one, everything about the old one goes. */
function restoreCode({ sent, problem }: VerificationState, pending: PendingVerification) {
  const same = sent !== null && sent.to === pending.to && sent.channel === pending.channel;
  const isLocked = sent?.ended?.by === 'NUMBER_LOCKED';
  const isAnother = !same || (sent.ended !== null && !isLocked && pending.attemptsRemaining > 0);
  const restored = sentCode(pending, (sent?.serial ?? 0) + (isAnother ? 1 : 0));
  if (isAnother) return { sent: restored, problem: problem?.at === 'phone' ? problem : null };
  return { sent: { ...restored, ended: isLocked ? sent.ended : restored.ended, resent: sent.resent } };
}
