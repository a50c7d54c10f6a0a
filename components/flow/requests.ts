import { post, request } from '@/components/client';
import { apiAddress } from '@/components/ui/page-login';
import type { Failure } from '@/components/ui/problem';
import type { PageLogin, PageState, PendingVerification, SessionReply } from '@/lib/contract';
import type { ErrorSubjects } from '@/lib/errors';
import { type Replies, SUCCESSES } from './outcomes';
import { type Restored, restore } from './restore';
import type { Change, Task, VerificationEvent } from './verification-state';

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
 * Asks the server for this browser's progress. Sends no message.
 * @returns what that changes in the page's state; undefined if the server is unreachable
 */
export async function refresh(login: PageLogin | null): Promise<Change | undefined> {
  const restored = await fetchProgress(login);
  return restored && ((state) => restore(state, restored));
}

/** The outcome of a request of the flow. */
export type Answer<Reply> = { ok: true; reply: Reply } | { ok: false; failure: Failure };

/**
 * Sends a request of the flow. Never throws.
 * @param subjects what each error code is about; a code that this page does not know counts as INTERNAL_ERROR
 */
export async function ask<Reply>(
  address: string,
  body: object,
  subjects: ErrorSubjects,
  signal: AbortSignal,
  onChallenge: () => void,
): Promise<Answer<Reply>> {
  const outcome = await post<Reply>(address, body, signal, onChallenge);
  if (outcome.ok) return outcome;
  const about = (subjects as Partial<Record<string, Failure['about']>>)[outcome.failure.code];
  return { ok: false, failure: { ...outcome.failure, about: about ?? subjects.INTERNAL_ERROR } };
}

/** Another way to perform a task than a request with its name. Never throws. */
export type Perform<T extends Task> = (signal: AbortSignal) => Promise<Answer<Replies[T]>>;

/** What to post to the route of the task, or another way to perform it. */
export type Work<T extends Task> = Readonly<Record<string, unknown>> | Perform<T>;

/**
 * Performs a task.
 * @returns what that changes on the page
 */
export async function perform<T extends Task>(
  task: T,
  work: Work<T>,
  { login, errorSubjects }: Pick<PageState, 'login' | 'errorSubjects'>,
  signal: AbortSignal,
  onChallenge: () => void,
): Promise<VerificationEvent> {
  const answer =
    typeof work === 'function'
      ? await work(signal)
      : await ask<Replies[T]>(apiAddress(`/api/${task}-otp`, login), work, errorSubjects, signal, onChallenge);
  if (answer.ok) return { type: 'answered', change: SUCCESSES[task](answer.reply) };
  return { type: 'failed', task, failure: answer.failure };
}
