import { useReducer, useRef } from 'react';
import type { PendingVerification, ResendReply, SendReply, VerifyReply } from '@/lib/contract';
import { type Failure, type Outcome, post } from './api';
import { initialState, reduce, type Task, type VerificationEvent, type VerificationState } from './verification-state';

/** Longer than two calls to Infobip at the longest deadline: after this nothing will come any more. */
const GIVE_UP_MS = 250_000;

/** What a person can do on the page. Sending, verifying and resending are ignored while one of them is under way. */
export interface VerificationActions {
  send(phoneNumber: string): Promise<void>;
  verify(pin: string): Promise<void>;
  resend(): Promise<void>;
  /** Says that the field's content cannot be sent as it is. */
  refuse(task: Task, failure: Failure): void;
  /** The person typed: what was wrong is so no more. */
  edited(): void;
  changeNumber(): void;
  returnToCode(): void;
  restart(): void;
}

/**
 * The state of a verification and the actions on it. Needs the verification that the server says is under way, if any.
 * The browser holds no handle of it but an HttpOnly cookie.
 */
export function useVerification(pending: PendingVerification | null): [VerificationState, VerificationActions] {
  const [state, dispatch] = useReducer(reduce, pending, initialState);
  // A ref, not state: two clicks may come before the first one is rendered.
  const underWay = useRef<AbortController | null>(null);

  async function run<Reply>(
    task: Task,
    body: { phoneNumber?: string; pin?: string },
    succeed: (reply: Reply) => VerificationEvent,
  ): Promise<void> {
    if (underWay.current) return;
    const request = new AbortController();
    underWay.current = request;
    const timer = setTimeout(() => request.abort(), GIVE_UP_MS);
    const typed = body.phoneNumber === undefined ? {} : { typedNumber: body.phoneNumber };
    dispatch({ type: 'started', task, ...typed });

    const outcome: Outcome<Reply> = await post<Reply>(`/api/${task}-otp`, body, request.signal);
    clearTimeout(timer);
    // Left behind by a change of number: its outcome concerns nobody.
    if (underWay.current !== request) return;
    underWay.current = null;
    dispatch(outcome.ok ? succeed(outcome.reply) : { type: 'failed', task, failure: outcome.failure });
  }

  const actions: VerificationActions = {
    send: (phoneNumber) => run<SendReply>('send', { phoneNumber }, (reply) => ({ type: 'sent', reply })),
    verify: (pin) => run<VerifyReply>('verify', { pin }, (reply) => ({ type: 'verified', reply })),
    resend: () => run<ResendReply>('resend', {}, (reply) => ({ type: 'resent', reply })),
    refuse: (task, failure) => dispatch({ type: 'failed', task, failure }),
    edited: () => dispatch({ type: 'edited' }),
    changeNumber() {
      underWay.current?.abort();
      underWay.current = null;
      dispatch({ type: 'numberChanged' });
    },
    returnToCode: () => dispatch({ type: 'returnedToCode' }),
    restart: () => dispatch({ type: 'restarted' }),
  };
  return [state, actions];
}
