import { apiAddress } from '@/components/ui/page-login';
import type { PageLogin, PendingVerification, SessionReply } from '@/lib/contract';
import type { ErrorSubjects } from '@/lib/errors';
import { type Outcome, post, request } from './api';
import { type Restored, restore } from './restore';
import type { VerificationState } from './verification-state';

async function fetchProgress(subjects: ErrorSubjects, login: PageLogin | null): Promise<Restored | undefined> {
  const pending = await request<PendingVerification>(apiAddress('/api/verification', login), {}, subjects);
  if (pending.ok) return { step: 'code', pending: pending.reply };
  if (!pending.gone) return undefined;
  // A number that was verified elsewhere says nothing about this login.
  if (login) return { step: 'phone' };
  const session = await request<SessionReply>(apiAddress('/api/session', null), {}, subjects);
  if (session.ok) return { step: 'verified', phoneNumber: session.reply.phoneNumber };
  return session.gone ? { step: 'phone' } : undefined;
}

/**
 * Asks the server for this browser's progress. Sends no message.
 * @returns what that changes in the page's state; undefined if the server is unreachable
 */
export async function refresh(
  subjects: ErrorSubjects,
  login: PageLogin | null,
): Promise<((state: VerificationState) => VerificationState) | undefined> {
  const restored = await fetchProgress(subjects, login);
  return restored && ((state) => restore(state, restored));
}

/** Solves the challenge in an answer. Few people ever get one, so the solver loads only then. */
async function answer<Reply>(
  outcome: Outcome<Reply> & { ok: false },
  ask: (more: { solution: string }) => Promise<Outcome<Reply>>,
  signal: AbortSignal,
): Promise<Outcome<Reply>> {
  try {
    const { answerChallenge } = await import('./challenge');
    return await answerChallenge(outcome, (solution) => ask({ solution }), signal);
  } catch {
    // There is no worker, or it did not load.
    return outcome;
  }
}

/**
 * Sends a request of the flow, with the solution of a challenge if the server wants one. Never throws.
 * @param onChallenge called before the challenge is solved, which takes a while
 */
export async function ask<Reply>(
  path: string,
  body: object,
  signal: AbortSignal,
  subjects: ErrorSubjects,
  onChallenge: () => void,
): Promise<Outcome<Reply>> {
  const send = (more?: { solution: string }) => post<Reply>(path, { ...body, ...more }, signal, subjects);
  const outcome = await send();
  if (outcome.ok || !outcome.failure.challenge) return outcome;
  onChallenge();
  return answer(outcome, send, signal);
}
