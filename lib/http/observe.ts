import type { AppError, ErrorCode } from '@/lib/errors';
import { EVENTS, type EventName } from '@/lib/observability/events';
import type { Logger } from '@/lib/observability/logger';
import type { Metrics, Step } from '@/lib/observability/metrics';
import type { Noted } from '@/lib/verification/client';
import type { Timings } from './timed-services';

/** What a failure means for security or for operators, where it means something of its own. */
const EVENT_OF: Readonly<Partial<Record<ErrorCode, EventName>>> = {
  FORBIDDEN_ORIGIN: 'request.cross_site',
  TOO_MANY_ATTEMPTS: 'verification.exhausted',
  INTERNAL_ERROR: 'internal.error',
  UNAUTHORIZED: 'metrics.unauthorized',
  UPSTREAM_REJECTED_US: 'upstream.rejected_us',
};

const eventOf = ({ failure, noted: { event } }: Ended): EventName | undefined =>
  event ?? (failure?.details.limit !== undefined ? 'limit.reached' : failure && EVENT_OF[failure.code]);

/** A request that was answered. */
export interface Ended {
  readonly id: string;
  /** Of the route, as `/api/send-otp`. */
  readonly path: string;
  readonly step: Step | undefined;
  readonly method: string;
  readonly status: number;
  readonly failure: AppError | undefined;
  readonly noted: Noted;
  readonly timings: Timings;
  readonly durationMs: number;
}

const tenths = (ms: number): number => Math.round(ms * 10) / 10;

/** The one log line of a request. Its level is that of its event, or error where we failed. */
function log(logger: Logger, event: EventName | undefined, ended: Ended): void {
  const { id, path, method, status, failure, noted, timings, durationMs } = ended;
  const failed = failure !== undefined && failure.status >= 500;
  const level = failed && (event === undefined || EVENTS[event] !== 'fatal') ? 'error' : event && EVENTS[event];
  logger[level ?? 'info']({
    ...(event && { event }),
    requestId: id,
    route: path,
    method,
    status,
    ...(failure && { code: failure.code, limit: failure.details.limit, cause: failure.details.cause }),
    ...noted,
    durationMs: tenths(durationMs),
    upstreamMs: tenths(timings.upstreamMs),
    storeMs: tenths(timings.storeMs),
  });
}

function measure(metrics: Metrics, event: EventName | undefined, ended: Ended): void {
  const { path, step, method, status, failure, noted, durationMs } = ended;
  if (event) metrics.event(event);
  if (failure?.details.limit !== undefined) metrics.limitHit(failure.details.limit);
  const outcome = failure?.code ?? (step === 'verify' ? 'verified' : 'sent');
  if (step && method === 'POST') metrics.step(step, { country: noted.country, channel: noted.channel, outcome });
  metrics.answered({ route: path, method, status, seconds: durationMs / 1000 });
}

/** Tells operators of a request that was answered: one log line and one measurement. */
export function observe({ logger, metrics }: { logger: Logger; metrics: Metrics }, ended: Ended): void {
  const event = eventOf(ended);
  log(logger, event, ended);
  measure(metrics, event, ended);
}
