import { z } from 'zod';
import { type Fault, TransportError } from './faults';
import { answer, transportCause, type UpstreamCause } from './replies';

/** The health of Infobip as a whole, as the end of one call shows it: working, failing, or unknown. */
export type Health = 'up' | 'down' | 'unknown';

const DOWN_FAULTS: ReadonlySet<Fault> = new Set<Fault>([
  'refused',
  'dns',
  'connect-timeout',
  'tls',
  'reset',
  'deadline',
]);

/** A gateway answers with these when the server behind it fails (RFC 9110, §15.6.3 to §15.6.5). */
const GATEWAY_STATUSES: ReadonlySet<number> = new Set([502, 503, 504]);

/** Infobip's own error envelope, whatever else it contains. */
const errorEnvelope = z.object({ requestError: z.object({}) });

const isObject = (data: unknown): data is object => typeof data === 'object' && data !== null && !Array.isArray(data);

/**
 * Judges what the SDK returned. An error in Infobip's own envelope, and a plain 500, concern only that one request:
 * anybody can have a number that causes one. If they counted as faults, one person could stop the service for
 * everybody. If they counted as successes, the same person could hide an outage from the breaker. So they count as
 * neither.
 */
export function healthOf(returned: unknown): Health {
  if (returned instanceof TransportError) return DOWN_FAULTS.has(returned.fault) ? 'down' : 'unknown';
  const reply = answer.safeParse(returned).data;
  if (!reply) return 'unknown';
  const { status, data } = reply;
  if (isObject(data) && 'requestError' in data && errorEnvelope.safeParse(data).success) return 'unknown';
  if (GATEWAY_STATUSES.has(status)) return 'down';
  return status === 200 && isObject(data) ? 'up' : 'unknown';
}

const FAULTS_TO_OPEN = 5;
/** If fewer numbers than this had faults, the numbers themselves could be the reason. */
const NUMBERS_TO_OPEN = 3;
const PROBE_AFTER_MS = 10_000;
/**
 * After a failed probe, no call for the same number serves as a probe for this long: the number itself may be the
 * reason.
 */
const NO_PROBE_MS = 60_000;

/** Called when the breaker opens, once for each outage and with the last fault, and when it closes again. */
export type OnBreaker = (event: { open: true; cause: UpstreamCause } | { open: false }) => void;

/** The fault of a call, in the terms of a request's log line. */
function causeOf(returned: unknown): UpstreamCause {
  if (returned instanceof TransportError) return transportCause(returned);
  const status = answer.safeParse(returned).data?.status;
  return { fault: 'refusal', ...(status !== undefined && { status }) };
}

export interface Breaker {
  /**
   * Makes a call for a number, or returns a TransportError `breaker-open` at once. Like the SDK, it returns errors as
   * values.
   * @param msisdn digits only, no plus
   */
  run(msisdn: string, call: () => Promise<unknown>): Promise<unknown>;
  /** Whether the breaker would refuse the next call. */
  isOpen(): boolean;
}

/**
 * A circuit breaker over all calls of the process. It opens after five faults in a row over at least three numbers;
 * {@link healthOf} says what counts as a fault. After ten seconds it lets one call through as a probe: a fault opens
 * the breaker again, any other answer closes it. After a failed probe, no call for the same number serves as a probe
 * for a minute. A probe that takes longer than ten seconds does not block other probes. An error of Infobip's own also
 * closes the breaker. Otherwise, one number that always fails could keep it open.
 *
 * Why not the library cockatiel: it does not tell its `IBreaker` which call failed, knows no outcome between success
 * and failure, and lets callers wait for the probe.
 */
export function createBreaker(onBreaker: OnBreaker = () => undefined): Breaker {
  let faultsInRow = 0;
  /** Numbers of the current run of faults. Holds at most five. */
  const numbers = new Set<string>();
  /** When the breaker opened, on the monotonic clock, in milliseconds; undefined while it is closed. */
  let openedAt: number | undefined;
  /** When the probe began, while it is in flight. */
  let probingSince: number | undefined;
  /** By number, after its probe failed: when a call for it may be a probe again. */
  const excluded = new Map<string, number>();
  /** Counts openings and closings: a call that began before the latest of them says nothing about the state now. */
  let era = 0;

  const waitMs = () => (openedAt === undefined ? 0 : Math.max(0, openedAt + PROBE_AFTER_MS - performance.now()));
  const isProbing = () => probingSince !== undefined && performance.now() < probingSince + PROBE_AFTER_MS;
  // An open breaker whose probe is due counts as ready: readiness decides whether requests arrive, and only a request
  // can probe.
  const isOpen = () => isProbing() || waitMs() > 0;
  const mayProbe = (msisdn: string) => (excluded.get(msisdn) ?? 0) <= performance.now();

  function exclude(msisdn: string): void {
    for (const [number, until] of excluded) if (until <= performance.now()) excluded.delete(number);
    excluded.set(msisdn, performance.now() + NO_PROBE_MS);
  }

  function reset(): void {
    faultsInRow = 0;
    numbers.clear();
  }

  /** @param cause the fault that opens the breaker; undefined closes it */
  function turn(cause: UpstreamCause | undefined): void {
    const open = cause !== undefined;
    const wasOpen = openedAt !== undefined;
    openedAt = open ? performance.now() : undefined;
    probingSince = undefined;
    era += 1;
    reset();
    // A failed probe opens the breaker again, but for operators that is still the same outage.
    if (open !== wasOpen) onBreaker(open ? { open, cause } : { open });
  }

  function noteEnd(msisdn: string, returned: unknown): void {
    const health = healthOf(returned);
    if (openedAt !== undefined) {
      if (health === 'down') exclude(msisdn);
      turn(health === 'down' ? causeOf(returned) : undefined);
    } else if (health === 'up') reset();
    else if (health === 'down') {
      faultsInRow += 1;
      numbers.add(msisdn);
      if (faultsInRow >= FAULTS_TO_OPEN && numbers.size >= NUMBERS_TO_OPEN) turn(causeOf(returned));
    }
  }

  return {
    isOpen,
    async run(msisdn, call) {
      if (isOpen() || (openedAt !== undefined && !mayProbe(msisdn))) {
        const retryAfterSeconds = Math.max(1, Math.ceil(waitMs() / 1000));
        return new TransportError('breaker-open', { written: false, retryAfterSeconds });
      }
      if (openedAt !== undefined) probingSince = performance.now();
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
