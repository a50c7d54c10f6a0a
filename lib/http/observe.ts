import { type AppError, ERRORS } from '@/lib/errors';
import { EVENTS, type EventName, REMEDIES } from '@/lib/observability/events';
import type { Logger } from '@/lib/observability/logger';
import type { FactorName, Metrics, Step } from '@/lib/observability/metrics';
import type { RequestNotes } from '@/lib/observability/request-log';

/** The event that stands for a failure, if there is one. */
function failureEvent(failure: AppError | undefined): EventName | undefined {
  const own = failure && (failure.details.event ?? ERRORS[failure.code].event);
  return own ?? (failure?.details.limit === undefined ? undefined : 'limit.reached');
}

/** An answered request. */
export interface Ended {
  readonly id: string;
  /** Path of the route, such as `/api/send-otp`. */
  readonly path: string;
  readonly step: Step | undefined;
  readonly factor?: FactorName | undefined;
  readonly isProbe?: boolean;
  readonly method: string;
  readonly status: number;
  readonly failure: AppError | undefined;
  readonly notes: RequestNotes;
  readonly durationMs: number;
}

const SEVERITY: readonly (typeof EVENTS)[EventName][] = ['info', 'warn', 'error', 'fatal'];
const severityOf = (event: EventName): number => SEVERITY.indexOf(EVENTS[event]);

/** Alerts rely on one event per line. Among equally severe ones, the first wins. */
function mostSevere(events: ReadonlySet<EventName>): EventName | undefined {
  let found: EventName | undefined;
  for (const event of events) if (found === undefined || severityOf(event) > severityOf(found)) found = event;
  return found;
}

const tenths = (ms: number): number => Math.round(ms * 10) / 10;

/** The event's level, or error if the fault is ours. Without an event, a successful probe logs at debug. */
function levelOf({ failure, isProbe }: Ended, event: EventName | undefined) {
  const failed = failure !== undefined && failure.status >= 500;
  if (failed && (event === undefined || EVENTS[event] !== 'fatal')) return 'error';
  if (event) return EVENTS[event];
  return isProbe && failure === undefined ? 'debug' : 'info';
}

/** The one log line of a request. */
function log(logger: Logger, ended: Ended): void {
  const { id, path, method, status, failure, notes, durationMs } = ended;
  const event = mostSevere(notes.events);
  logger[levelOf(ended, event)]({
    ...(event && { event, remedy: REMEDIES[event] }),
    requestId: id,
    route: path,
    method,
    status,
    ...(failure && { code: failure.code, limit: failure.details.limit, cause: failure.details.cause }),
    ...notes.fields,
    durationMs: tenths(durationMs),
    upstreamMs: tenths(notes.waited.upstream),
    storeMs: tenths(notes.waited.store),
  });
}

/** Counts what a POST did for a verification, in total and for the client that asked for it. */
function measureStep(metrics: Metrics, { step, factor, failure, notes }: Ended): void {
  const { country, channel, client } = notes.fields;
  const isSend = step === 'send' || step === 'resend';
  const outcome = failure?.code ?? (isSend ? 'sent' : 'verified');
  if (step) metrics.step(step, { country, channel, outcome });
  if (factor) metrics.factor(factor, outcome);
  const operation = step ?? (factor && 'verify');
  // Guards note only clients that the configuration names, so this label has few values.
  if (operation && client !== undefined) metrics.clientStep(client, operation, outcome);
}

function measure(metrics: Metrics, ended: Ended): void {
  const { path, method, status, failure, notes, durationMs } = ended;
  for (const event of notes.events) metrics.event(event);
  if (failure?.details.limit !== undefined) metrics.limitHit(failure.details.limit);
  const { guardVerdict, guardReason } = notes.fields;
  if (guardVerdict !== undefined && guardReason !== undefined) metrics.objection(guardVerdict, guardReason);
  if (method === 'POST') measureStep(metrics, ended);
  metrics.answered({ route: path, method, status, seconds: durationMs / 1000 });
}

/** Tells operators about an answered request: one log line and one measurement. */
export function observe({ logger, metrics }: { logger: Logger; metrics: Metrics }, ended: Ended): void {
  const event = failureEvent(ended.failure);
  if (event) ended.notes.event(event);
  log(logger, ended);
  measure(metrics, ended);
}
