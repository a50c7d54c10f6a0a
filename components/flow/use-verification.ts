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

/** Longer than two calls to Infobip at the longest deadline: after this nothing will come any more. */
const GIVE_UP_MS = 250_000;

/** What a person can do. Sending, verifying and resending are ignored while one of them is under way. */
export interface VerificationActions {
  /** @param e164 the number where it is understood already; else the server makes sense of what was typed */
  send(typed: TypedNumber, channel: Channel, e164?: string): Promise<void>;
  verify(pin: string): Promise<void>;
  /** @param channel default: as before */
  resend(channel?: Channel): Promise<void>;
  /** Says that the field's content cannot be sent as it is. */
  refuse(task: Task, failure: Failure): void;
  /** The person typed: what was wrong is so no more. */
  edited(): void;
  changeNumber(): void;
  returnToCode(): void;
}

/** What the server knows of this browser now; undefined where it cannot be asked. Nothing is sent for it. */
async function fetchProgress(subjects: ErrorSubjects): Promise<Restored | undefined> {
  const pending = await request<PendingVerification>('/api/verification', {}, subjects);
  if (pending.ok) return { step: 'code', pending: pending.reply };
  if (!pending.gone) return undefined;
  const session = await request<SessionReply>('/api/session', {}, subjects);
  if (session.ok) return { step: 'verified', phoneNumber: session.reply.phoneNumber };
  return session.gone ? { step: 'phone' } : undefined;
}

/** Solves what a request was answered with. Few people are ever asked to, so what it takes is loaded only then. */
async function answer<Reply>(
  outcome: Outcome<Reply> & { ok: false },
  ask: (more: { solution: string }) => Promise<Outcome<Reply>>,
  signal: AbortSignal,
): Promise<Outcome<Reply>> {
  try {
    const { answerChallenge } = await import('./challenge');
    return await answerChallenge(outcome, (solution) => ask({ solution }), signal);
  } catch {
    // No worker, or no way to load it.
    return outcome;
  }
}

/**
 * The state of a verification and the actions on it.
 * @param initial what the server says of it; the browser holds nothing but HttpOnly cookies
 * @param onVerified called once for each success that is shown here, with the number in E.164
 */
export function useVerification(
  initial: PageState,
  onVerified?: (phoneNumber: string) => void,
): [VerificationState, VerificationActions] {
  const { language, errorSubjects } = initial;
  const [state, dispatch] = useReducer(reduce, initial, initialState);
  // A ref, not state: two clicks may come before the first one is rendered.
  const inFlight = useRef<AbortController | null>(null);
  /** Counts all that a person does: an answer to what was asked before is outdated. */
  const actionCount = useRef(0);
  const waiting = state.sent !== null && state.step !== 'verified';

  // After sleep, in a second tab, by the back button: what is shown may be of the past.
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
    // On its own: what goes wrong there is not the flow's.
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
    // Left behind by a change of number: its outcome concerns nobody.
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
