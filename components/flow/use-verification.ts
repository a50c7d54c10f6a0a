import { useEffect, useReducer, useRef } from 'react';
import type { Failure } from '@/components/ui/problem';
import type {
  Channel,
  PageState,
  PendingVerification,
  ResendReply,
  SendReply,
  SessionReply,
  TypedNumber,
  VerifyReply,
} from '@/lib/contract';
import type { ErrorSubjects } from '@/lib/errors';
import { type Outcome, post, request } from './api';
import {
  initialState,
  type Restored,
  reduce,
  type Task,
  type VerificationEvent,
  type VerificationState,
} from './verification-state';

/** Longer than two calls to Infobip at the longest deadline: after this, no answer will come. */
const GIVE_UP_MS = 250_000;

/** What a person can do. Sending, verifying and resending do nothing while one of them is in progress. */
export interface VerificationActions {
  /** @param e164 the number, if the page could read it; otherwise the server parses the typed text */
  send(typed: TypedNumber, channel: Channel, e164?: string): Promise<void>;
  verify(pin: string): Promise<void>;
  /** @param channel default: the one used before */
  resend(channel?: Channel): Promise<void>;
  /** Reports that the field's content cannot be sent as it is. */
  refuse(task: Task, failure: Failure): void;
  /** The person typed, so the last problem no longer applies. */
  edited(): void;
  changeNumber(): void;
  returnToCode(): void;
}

/** Asks the server for this browser's progress; undefined if the server is unreachable. Sends no message. */
async function fetchProgress(subjects: ErrorSubjects): Promise<Restored | undefined> {
  const pending = await request<PendingVerification>('/api/verification', {}, subjects);
  if (pending.ok) return { step: 'code', pending: pending.reply };
  if (!pending.gone) return undefined;
  const session = await request<SessionReply>('/api/session', {}, subjects);
  if (session.ok) return { step: 'verified', phoneNumber: session.reply.phoneNumber };
  return session.gone ? { step: 'phone' } : undefined;
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
 * The state of a verification and the actions on it.
 * @param initial the state from the server; the browser holds only HttpOnly cookies
 * @param onVerified called once for each success that the page shows, with the number in E.164
 */
export function useVerification(
  initial: PageState,
  onVerified?: (phoneNumber: string) => void,
): [VerificationState, VerificationActions] {
  const { language, errorSubjects } = initial;
  const [state, dispatch] = useReducer(reduce, initial, initialState);
  // A ref, not state: two clicks may come before React renders the first one.
  const inFlight = useRef<AbortController | null>(null);
  /** Counts the person's actions: an answer to an earlier request is outdated. */
  const actionCount = useRef(0);
  const waiting = state.sent !== null && state.step !== 'verified';

  // After sleep, in a second tab or after the back button, the page may be outdated.
  useEffect(() => {
    if (!waiting) return;
    let current = true;
    const refresh = async () => {
      if (document.visibilityState === 'hidden' || inFlight.current) return;
      const before = actionCount.current;
      const restored = await fetchProgress(errorSubjects);
      if (current && restored && actionCount.current === before) dispatch({ type: 'restored', restored });
    };
    const shown = (event: PageTransitionEvent) => void (event.persisted && refresh());
    document.addEventListener('visibilitychange', refresh);
    window.addEventListener('pageshow', shown);
    window.addEventListener('online', refresh);
    window.addEventListener('focus', refresh);
    return () => {
      current = false;
      document.removeEventListener('visibilitychange', refresh);
      window.removeEventListener('pageshow', shown);
      window.removeEventListener('online', refresh);
      window.removeEventListener('focus', refresh);
    };
  }, [waiting, errorSubjects]);

  const { successes, verifiedNumber } = state;
  const reported = useRef(0);
  useEffect(() => {
    if (reported.current === successes) return;
    reported.current = successes;
    // In a microtask, so that an error in the callback does not break the flow.
    if (onVerified) queueMicrotask(() => onVerified(verifiedNumber));
  }, [successes, verifiedNumber, onVerified]);

  async function run<Reply>(
    task: Task,
    body: object,
    succeed: (reply: Reply) => VerificationEvent,
    typed?: TypedNumber,
  ): Promise<void> {
    if (inFlight.current) return;
    actionCount.current += 1;
    const request = new AbortController();
    inFlight.current = request;
    const timer = setTimeout(() => request.abort(), GIVE_UP_MS);
    dispatch({ type: 'started', task, ...(typed && { typed }) });

    const ask = (more?: { solution: string }) =>
      post<Reply>(`/api/${task}-otp`, { ...body, ...more }, request.signal, errorSubjects);
    let outcome: Outcome<Reply> = await ask();
    if (!outcome.ok && outcome.failure.challenge) {
      if (inFlight.current === request) dispatch({ type: 'challenged' });
      outcome = await answer(outcome, ask, request.signal);
    }
    clearTimeout(timer);
    // The person changed the number meanwhile, so the outcome no longer matters.
    if (inFlight.current !== request) return;
    inFlight.current = null;
    dispatch(outcome.ok ? succeed(outcome.reply) : { type: 'failed', task, failure: outcome.failure });
  }

  const actions: VerificationActions = {
    send(typed, channel, e164) {
      const number = e164 ? { phoneNumber: e164 } : { phoneNumber: typed.number, country: typed.country };
      return run<SendReply>('send', { ...number, channel, language }, (reply) => ({ type: 'sent', reply }), typed);
    },
    verify: (pin) => run<VerifyReply>('verify', { pin }, ({ phoneNumber }) => ({ type: 'verified', phoneNumber })),
    resend: (channel) =>
      run<ResendReply>('resend', { language, ...(channel && { channel }) }, (reply) => ({ type: 'resent', reply })),
    refuse: (task, failure) => dispatch({ type: 'failed', task, failure }),
    edited: () => dispatch({ type: 'edited' }),
    changeNumber() {
      actionCount.current += 1;
      inFlight.current?.abort();
      inFlight.current = null;
      dispatch({ type: 'numberChanged' });
    },
    returnToCode() {
      actionCount.current += 1;
      dispatch({ type: 'returnedToCode' });
    },
  };
  return [state, actions];
}
