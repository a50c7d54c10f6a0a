import {
  BrokenCircuitError,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  ExponentialBackoff,
  handleWhen,
  retry,
  TaskCancelledError,
} from 'cockatiel';
import { type Fault, TransportError } from './faults';

const FAILURES_TO_OPEN = 5;
const PROBE_AFTER_MS = 10_000;
const REPEATS = 2;

/** Faults that certainly happened before anything was written, and that may pass by themselves. */
const REPEATABLE: ReadonlySet<Fault> = new Set<Fault>(['refused', 'dns', 'connect-timeout']);

const isRepeatable = (error: Error) => error instanceof TransportError && REPEATABLE.has(error.fault);
const isServerError = (reply: unknown) => (reply as { status: number }).status >= 500;

/** Told when the breaker opens, once for each outage, and when it is closed again. */
export type OnBreaker = (event: { open: boolean }) => void;

/**
 * What stands between a call and the network: at most two repeats after a connection that was never made, with jittered
 * backoff, inside the deadline; and a circuit breaker that opens after five failures in a row (no reply, or a 5xx; never
 * a 4xx), answers at once while open, and lets one probe through after ten seconds.
 */
export function createResilience(onBreaker: OnBreaker = () => undefined) {
  const repeats = retry(handleWhen(isRepeatable), {
    maxAttempts: REPEATS,
    backoff: new ExponentialBackoff({ initialDelay: 100, maxDelay: 1000 }),
  });
  const breaker = circuitBreaker(handleWhen((error) => error instanceof TransportError).orWhenResult(isServerError), {
    halfOpenAfter: PROBE_AFTER_MS,
    breaker: new ConsecutiveBreaker(FAILURES_TO_OPEN),
  });
  let openedAt = 0;
  let told = false;
  breaker.onBreak(() => {
    openedAt = Date.now();
    // A probe that fails opens it again: to operators that is one outage.
    if (!told) onBreaker({ open: true });
    told = true;
  });
  breaker.onReset(() => {
    told = false;
    onBreaker({ open: false });
  });

  const refusal = () => {
    const retryAfterSeconds = Math.max(1, Math.ceil((openedAt + PROBE_AFTER_MS - Date.now()) / 1000));
    return new TransportError('breaker-open', { written: false, retryAfterSeconds });
  };

  const run = async <Reply>(call: () => Promise<Reply>, deadline: AbortSignal): Promise<Reply> => {
    // The library would let calls wait for the probe in flight; a person waiting is better told at once.
    if (breaker.state === CircuitState.HalfOpen) throw refusal();
    try {
      return await breaker.execute(() => repeats.execute(call, deadline));
    } catch (error) {
      if (error instanceof BrokenCircuitError) throw refusal();
      if (error instanceof TaskCancelledError) throw new TransportError('deadline', { written: false });
      throw error;
    }
  };
  // Open, but due for its probe, is ready: who looks at this decides whether requests come, and only a request probes.
  const isOpen = () =>
    breaker.state === CircuitState.HalfOpen ||
    (breaker.state === CircuitState.Open && Date.now() < openedAt + PROBE_AFTER_MS);
  return { run, isOpen };
}
