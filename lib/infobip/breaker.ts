import { TransportError } from './faults';
import { healthOf } from './health';

const FAULTS_TO_OPEN = 5;
/** One number, or two, can be the reason themselves. */
const NUMBERS_TO_OPEN = 3;
const PROBE_AFTER_MS = 10_000;

/** Told when the breaker opens, once for each outage, and when it is closed again. */
export type OnBreaker = (event: { open: boolean }) => void;

export interface Breaker {
  /**
   * Makes a call for a number, or returns a TransportError `breaker-open` at once. Like the SDK it returns errors as values.
   * @param msisdn digits only, no plus
   */
  run(msisdn: string, call: () => Promise<unknown>): Promise<unknown>;
  /** Whether the next call would be refused. */
  isOpen(): boolean;
}

/**
 * A circuit breaker over all calls of the process. It opens after five faults in a row over at least three numbers; see
 * {@link healthOf} for what is a fault. After ten seconds one call is let through as a probe: a fault opens the breaker again,
 * any other answer closes it. An error of Infobip's own closes it, too: else one number that always fails could keep it open.
 *
 * Not cockatiel's: that one does not tell its `IBreaker` which call failed, knows no outcome that is neither success nor
 * failure, and lets callers wait for the probe.
 */
export function createBreaker(onBreaker: OnBreaker = () => undefined): Breaker {
  let faultsInRow = 0;
  /** Of the faults in a row. Holds at most five. */
  const numbers = new Set<string>();
  /** On the monotonic clock, in milliseconds; undefined while closed. */
  let openedAt: number | undefined;
  let probing = false;
  /** Counts openings and closings: a call that began before the last one says nothing of how things are now. */
  let era = 0;

  const waitMs = () => (openedAt === undefined ? 0 : Math.max(0, openedAt + PROBE_AFTER_MS - performance.now()));
  // Open, but due for its probe, is ready: who looks at this decides whether requests come, and only a request probes.
  const isOpen = () => probing || waitMs() > 0;

  function reset(): void {
    faultsInRow = 0;
    numbers.clear();
  }

  function turn(open: boolean): void {
    const wasOpen = openedAt !== undefined;
    openedAt = open ? performance.now() : undefined;
    probing = false;
    era += 1;
    reset();
    // A probe that fails opens it again: to operators that is one outage.
    if (open !== wasOpen) onBreaker({ open });
  }

  function noteEnd(msisdn: string, returned: unknown): void {
    const health = healthOf(returned);
    if (probing) turn(health === 'down');
    else if (health === 'up') reset();
    else if (health === 'down') {
      faultsInRow += 1;
      numbers.add(msisdn);
      if (faultsInRow >= FAULTS_TO_OPEN && numbers.size >= NUMBERS_TO_OPEN) turn(true);
    }
  }

  return {
    isOpen,
    async run(msisdn, call) {
      if (isOpen()) {
        const retryAfterSeconds = Math.max(1, Math.ceil(waitMs() / 1000));
        return new TransportError('breaker-open', { written: false, retryAfterSeconds });
      }
      probing = openedAt !== undefined;
      const begun = era;
      let returned: unknown;
      try {
        returned = await call();
        return returned;
      } finally {
        if (begun === era) noteEnd(msisdn, returned);
      }
    },
  };
}
