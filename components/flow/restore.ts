import { request } from '@/components/client';
import { apiAddress } from '@/components/ui/page-login';
import type { Problem } from '@/components/ui/problem';
import { NO_WAIT } from '@/components/ui/use-countdown';
import type { PageLogin, PendingVerification, SessionReply } from '@/lib/contract';
import { verified } from './outcomes';
import { type Change, moveTo, sentCode, type VerificationState } from './verification-state';

/** This browser's progress, requested again from the server. */
type Restored =
  | { step: 'code'; pending: PendingVerification }
  | { step: 'verified'; phoneNumber: string }
  | { step: 'phone' };

async function fetchProgress(login: PageLogin | null): Promise<Restored | undefined> {
  const pending = await request<PendingVerification>(apiAddress('/api/verification', login));
  if (pending.ok) return { step: 'code', pending: pending.reply };
  if (!pending.gone) return undefined;
  // A number that was verified elsewhere says nothing about this login.
  if (login) return { step: 'phone' };
  const session = await request<SessionReply>(apiAddress('/api/session', null));
  if (session.ok) return { step: 'verified', phoneNumber: session.reply.phoneNumber };
  return session.gone ? { step: 'phone' } : undefined;
}

/**
 * Asks the server for this browser's progress.
 * @returns what that changes in the page's state; undefined if the server is unreachable
 */
export async function progressOf(login: PageLogin | null): Promise<Change | undefined> {
  const restored = await fetchProgress(login);
  return restored && ((state) => restore(state, restored));
}

/** After an absence, another tab may have continued, or the code may have been used. Typed text stays. */
function restore(state: VerificationState, restored: Restored): VerificationState {
  if (restored.step === 'code') return { ...state, ...restoreCode(state, restored.pending) };
  if (state.step !== 'code') return restored.step === 'phone' ? { ...state, sent: null } : state;
  if (restored.step === 'verified') return verified(restored)(state);
  const problem: Problem = { code: 'NO_VERIFICATION', about: 'verification', at: 'phone', wait: NO_WAIT };
  return { ...moveTo('phone', state), sent: null, problem, announcement: { kind: 'problem', problem } };
}

/** The code as the server knows it. If another tab requested a new code, everything about the old one is dropped. */
function restoreCode({ sent, problem }: VerificationState, pending: PendingVerification) {
  const same = sent !== null && sent.to === pending.to && sent.channel === pending.channel;
  const isLocked = sent?.ended?.by === 'NUMBER_LOCKED';
  const isAnother = !same || (sent.ended !== null && !isLocked && pending.attemptsRemaining > 0);
  const restored = sentCode(pending, (sent?.serial ?? 0) + (isAnother ? 1 : 0));
  if (isAnother) return { sent: restored, problem: problem?.at === 'phone' ? problem : null };
  return { sent: { ...restored, ended: isLocked ? sent.ended : restored.ended, resent: sent.resent } };
}
