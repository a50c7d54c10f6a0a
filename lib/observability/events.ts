import type { Logger } from './logger';

type Level = 'info' | 'warn' | 'error' | 'fatal';

/**
 * Every event that has a name in the log (`event`), with its level. Names are stable: audits and alerts may rely on them.
 * docs/operations.md says what each means and what to do.
 */
export const EVENTS = {
  'number.verified': 'info',
  'number.locked': 'warn',
  'verification.exhausted': 'warn',
  'limit.reached': 'warn',
  'challenge.required': 'info',
  'destination.suspended': 'warn',
  'budget.half_spent': 'error',
  'budget.nearly_spent': 'error',
  'budget.exhausted': 'fatal',
  'budget.new_countries_spent': 'error',
  'request.cross_site': 'warn',
  'metrics.unauthorized': 'warn',
  'upstream.rejected_us': 'fatal',
  'upstream.breaker_opened': 'error',
  'upstream.breaker_closed': 'info',
  'store.connection_lost': 'error',
  'store.connected': 'info',
  'internal.error': 'error',
  'config.keys_made': 'warn',
  'config.unexpected_forwarded_for': 'warn',
} as const satisfies Record<string, Level>;

export type EventName = keyof typeof EVENTS;

/** Writes an event that belongs to no request, and counts it. Fields hold no PIN, key, token or phone number. */
export type Report = (event: EventName, fields?: Readonly<Record<string, unknown>>) => void;

/** @param count called with each event's name */
export const createReport =
  (logger: Logger, count: (event: EventName) => void): Report =>
  (event, fields = {}) => {
    count(event);
    logger[EVENTS[event]]({ event, ...fields });
  };
