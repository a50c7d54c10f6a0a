import { useEffect, useReducer, useRef } from 'react';
import type { Failure } from '@/components/ui/problem';
import { BASE_PATH } from '@/lib/base-path';
import type { Channel, PageState, TypedNumber } from '@/lib/contract';
import type { Work } from './requests';
import { initialState, reduce, type Task, type VerificationEvent, type VerificationState } from './verification-state';

/** Longer than the server's longest answer: two calls to Infobip of 120 s (the most that it may wait), plus 5 s. */
const GIVE_UP_MS = 250_000;

export type Requests = typeof import('./requests');

/** What a person can do. Sending, verifying and resending do nothing while one of them is in progress. */
export interface VerificationActions {
  /** @param e164 the number, if the page could read it; otherwise the server parses the typed text */
  send(typed: TypedNumber, channel: Channel, e164?: string): Promise<void>;
  verify(pin: string): Promise<void>;
  /** @param channel default: the one used before */
  resend(channel?: Channel): Promise<void>;
  /** Performs a task as `work` says. */
  run<T extends Task>(task: T, work: Work<T>): Promise<void>;
  /** Reports that the field's content cannot be sent as it is. */
  refuse(task: Task, failure: Failure): void;
  /** The person typed, so the last problem no longer applies. */
  edited(): void;
  changeNumber(): void;
  returnToCode(): void;
  /**
   * Whether the browser should submit the next form itself. It should if the script for requests did not load although
   * the server answers: a new version of the page may have replaced that script. While the server does not answer, a
   * plain form would only lose the page.
   */
  isStranded(): boolean;
}

/** Fails once the signal aborts. */
const untilAborted = (signal: AbortSignal) =>
  new Promise<never>((_, fail) => {
    signal.addEventListener('abort', fail);
  });

const ANSWERS_WITHIN_MS = 3000;

const serverAnswers = (): Promise<boolean> =>
  fetch(`${BASE_PATH}/api/health`, { signal: AbortSignal.timeout(ANSWERS_WITHIN_MS) }).then(
    ({ ok }) => ok,
    () => false,
  );

/**
 * The state of a verification and the actions on it.
 * @param initial the state from the server; the browser holds only HttpOnly cookies
 * @param load loads the script for requests to the server, which does not load with the page
 * @param onVerified called once for each success that the page shows, with the number in E.164
 */
export function useVerification(
  initial: PageState,
  load: () => Promise<Requests>,
  onVerified?: (phoneNumber: string) => void,
): [VerificationState, VerificationActions] {
  const { language, login } = initial;
  const [state, dispatch] = useReducer(reduce, initial, initialState);
  // A ref, not state: two clicks may come before React renders the first one.
  const inFlight = useRef<AbortController | null>(null);
  /** Counts the person's actions: if an action came after a request, the answer to that request is outdated. */
  const actionCount = useRef(0);
  const isStranded = useRef(false);
  const waiting = state.sent !== null && state.step !== 'verified';

  // After sleep, in a second tab or after the back button, the page may be outdated.
  useEffect(() => {
    if (!waiting) return;
    let isOver = false;
    let stop = () => {};
    const turn = () => !isOver && !inFlight.current && actionCount.current;
    // Once a code was sent, the later screens and the requests load at once. If they do not load, every request fails.
    load().then(
      ({ keepFresh }) => {
        if (!isOver) stop = keepFresh(login, turn, (change) => dispatch({ type: 'answered', change }));
      },
      () => undefined,
    );
    return () => {
      isOver = true;
      stop();
    };
  }, [waiting, login, load]);

  const { successes, verifiedNumber, redirectTo } = state;
  const reported = useRef(0);
  useEffect(() => {
    if (reported.current === successes) return;
    reported.current = successes;
    // In a microtask, so that an error in the callback does not break the flow.
    if (onVerified) queueMicrotask(() => onVerified(verifiedNumber));
    if (redirectTo) window.location.assign(redirectTo);
  }, [successes, verifiedNumber, redirectTo, onVerified]);

  async function run<T extends Task>(task: T, work: Work<T>, typed?: TypedNumber): Promise<void> {
    if (inFlight.current) return;
    actionCount.current += 1;
    const request = new AbortController();
    inFlight.current = request;
    const timer = setTimeout(() => request.abort(), GIVE_UP_MS);
    dispatch({ type: 'started', task, ...(typed && { typed }) });

    const onChallenge = () => inFlight.current === request && dispatch({ type: 'challenged' });
    // Most likely the server is unreachable. The next attempt loads the script again.
    const notLoaded: VerificationEvent = { type: 'failed', task, failure: { code: 'NO_CONNECTION', about: 'outage' } };
    const event = await Promise.race([load(), untilAborted(request.signal)]).then(
      ({ perform }) => perform(task, work, initial, request.signal, onChallenge),
      () => notLoaded,
    );
    // If the person abandoned the request while the script was loading, the page is not stranded.
    isStranded.current = event === notLoaded && inFlight.current === request && (await serverAnswers());
    clearTimeout(timer);
    // The person changed the number meanwhile, so the outcome no longer matters.
    if (inFlight.current !== request) return;
    inFlight.current = null;
    dispatch(event);
  }

  const actions: VerificationActions = {
    send(typed, channel, e164) {
      const number = e164 ? { phoneNumber: e164 } : { phoneNumber: typed.number, country: typed.country || undefined };
      return run('send', { ...number, channel, language }, typed);
    },
    verify: (pin) => run('verify', { pin }),
    run,
    resend: (channel) => run('resend', { language, ...(channel && { channel }) }),
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
    isStranded: () => isStranded.current,
  };
  return [state, actions];
}
