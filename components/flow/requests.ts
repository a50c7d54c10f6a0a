import { post } from '@/components/client';
import { apiAddress } from '@/components/ui/page-login';
import type { Failure } from '@/components/ui/problem';
import type { PageLogin, PageState } from '@/lib/contract';
import type { ErrorSubjects } from '@/lib/errors';
import { type Replies, SUCCESSES } from './outcomes';
import type { Change, Task, VerificationEvent } from './verification-state';

/**
 * Asks the server for this browser's progress whenever the page may be outdated: after sleep, a second tab or the back
 * button. Sends no message.
 * @param turn counts the person's actions, because an answer is outdated if an action came after the question. Returns
 * false while a request is in progress
 * @returns a function that stops asking
 */
export function keepFresh(
  login: PageLogin | null,
  turn: () => number | false,
  answered: (change: Change) => void,
): () => void {
  const refresh = async () => {
    const before = turn();
    if (document.visibilityState === 'hidden' || before === false) return;
    // Without a connection, neither this part of the script nor an answer arrives.
    const change = await import('./restore').then(({ progressOf }) => progressOf(login)).catch(() => undefined);
    if (change && turn() === before) answered(change);
  };
  const shown = (event: PageTransitionEvent) => void (event.persisted && refresh());
  document.addEventListener('visibilitychange', refresh);
  window.addEventListener('pageshow', shown);
  window.addEventListener('online', refresh);
  window.addEventListener('focus', refresh);
  return () => {
    document.removeEventListener('visibilitychange', refresh);
    window.removeEventListener('pageshow', shown);
    window.removeEventListener('online', refresh);
    window.removeEventListener('focus', refresh);
  };
}

/** The outcome of a request of the flow. */
export type Answer<Reply> = { ok: true; reply: Reply } | { ok: false; failure: Failure };

/**
 * Sends a request of the flow. Never throws.
 * @param subjects what each error code is about; an error code that this page does not know counts as INTERNAL_ERROR
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

/** Performs a task without a request to the task's own route. Never throws. */
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
