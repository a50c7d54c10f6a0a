import type { MessageId } from './errors';

/** What goes wrong with sends to a number, and with verifying its PIN. Whatever has no field here works normally. */
export interface Scenario {
  name: string;
  /** The number, digits only, as the API takes it. */
  msisdn: string;
  /** What happens, for people. */
  summary: string;
  /** The message never reaches the inbox: `MESSAGE_NOT_SENT`, or for a call `REJECTED_DESTINATION`. */
  notSent?: true;
  /** Overrides the status of the number lookup, even if no lookup was requested. */
  ncStatus?: string;
  /** How much later the message reaches the inbox, in milliseconds. */
  lateByMs?: number;
  /** Verifying any PIN, right or wrong, answers `TTL_EXPIRED`. */
  expired?: true;
  /** Refuses the send with this error, and creates no PIN. */
  refusal?: { messageId: MessageId; retryAfterMs?: number };
  /** Never answers the send, and creates no PIN. */
  hangs?: true;
}

/**
 * Numbers that misbehave, for demos and tests. All lie in 555-0100 to 555-0199, which the North American Numbering Plan
 * reserves for fiction. (The United Kingdom's range for drama, +44 7700 900xxx, is invalid for libphonenumber.)
 */
export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'not delivered',
    msisdn: '14155550101',
    summary: '200, but `smsStatus` is `MESSAGE_NOT_SENT`',
    notSent: true,
  },
  {
    name: 'not reachable',
    msisdn: '14155550102',
    summary: '200, but `ncStatus` is `NC_DESTINATION_NOT_REACHABLE` and `smsStatus` is `MESSAGE_NOT_SENT`',
    notSent: true,
    ncStatus: 'NC_DESTINATION_NOT_REACHABLE',
  },
  { name: 'late', msisdn: '14155550103', summary: 'The message comes 10 seconds late', lateByMs: 10_000 },
  { name: 'expired', msisdn: '14155550104', summary: 'Every code has expired: `TTL_EXPIRED`', expired: true },
  {
    name: 'throttled',
    msisdn: '14155550105',
    summary: '429 `TOO_MANY_REQUESTS` with `Retry-After: 60`',
    refusal: { messageId: 'TOO_MANY_REQUESTS', retryAfterMs: 60_000 },
  },
  {
    name: 'upstream error',
    msisdn: '14155550106',
    summary: '500 `GENERAL_ERROR`',
    refusal: { messageId: 'GENERAL_ERROR' },
  },
  { name: 'hang', msisdn: '14155550107', summary: 'The request is never answered', hangs: true },
  {
    name: 'wrong credentials',
    msisdn: '14155550108',
    summary: '401 `UNAUTHORIZED`, as if the API key were wrong',
    refusal: { messageId: 'UNAUTHORIZED' },
  },
];

const BY_MSISDN = new Map(SCENARIOS.map((scenario) => [scenario.msisdn, scenario]));

/** The scenario of a number (digits only); undefined for ordinary numbers. */
export function scenarioOf(msisdn: string): Scenario | undefined {
  return BY_MSISDN.get(msisdn);
}
