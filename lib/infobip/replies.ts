import { z } from 'zod';
import type { Channel } from '@/lib/contract';
import { TransportError } from './faults';

/** The details of a failed call that operators may see; safe to log. */
export interface UpstreamCause {
  readonly fault: string;
  readonly status?: number;
  /** Infobip's `messageId` or `pinError`. */
  readonly messageId?: string;
  readonly errno?: string;
}

/** A call without a usable result. */
export interface Failure {
  readonly kind: 'failed';
  readonly code:
    | 'RATE_LIMITED'
    | 'UPSTREAM_REJECTED_US'
    | 'UPSTREAM_UNAVAILABLE'
    | 'UPSTREAM_BAD_REPLY'
    | 'UPSTREAM_TIMEOUT';
  /** Whether Infobip may have carried out the request anyway. */
  readonly maybeDone: boolean;
  /** Whole seconds, 1 to 3600. */
  readonly retryAfterSeconds?: number;
  readonly cause: UpstreamCause;
}

/** Why Infobip did not accept a PIN. */
export type PinEnd = 'wrong' | 'expired' | 'exhausted' | 'not-found';

export type SendResult =
  | { readonly kind: 'sent'; readonly pinId: string }
  | { readonly kind: 'not-delivered'; readonly cause: UpstreamCause }
  /** Resend only: the PIN no longer exists. */
  | { readonly kind: 'pin-ended'; readonly cause: UpstreamCause }
  | Failure;

export type VerifyResult =
  | { readonly kind: 'verified' }
  | { readonly kind: 'wrong'; readonly attemptsRemaining?: number }
  | { readonly kind: 'expired' | 'exhausted' | 'not-found'; readonly cause: UpstreamCause }
  | Failure;

/** Infobip's pinIds in a form that is safe in a path, because the SDK does not encode them. */
export const PIN_ID = /^[A-Za-z0-9_-]{16,64}$/;

const MIN_RETRY_AFTER_SECONDS = 1;
const MAX_RETRY_AFTER_SECONDS = 3600;
/**
 * The wait if a reply has no usable `Retry-After`. Infobip's own defaults are one verify in 3 s, and daily limits for
 * sends.
 */
const DEFAULT_RETRY_AFTER_SECONDS = { send: 60, verify: 3 };

/** The SDK's result for a reply of any status. */
export const answer = z.object({
  status: z.number().int(),
  data: z.unknown(),
  headers: z.object({
    'retry-after': z.string().optional().catch(undefined),
    date: z.string().optional().catch(undefined),
  }),
});
type Answer = z.infer<typeof answer>;

const envelope = z.object({ requestError: z.object({ serviceException: z.object({ messageId: z.string() }) }) });

/**
 * An error envelope's message id; undefined for anything else. Looks for the envelope first, because listing what is
 * wrong with a good reply costs more than reading it.
 */
function messageIdOf(data: unknown): string | undefined {
  if (typeof data !== 'object' || data === null || !('requestError' in data)) return undefined;
  return envelope.safeParse(data).data?.requestError.serviceException.messageId;
}

const sendReply = z.object({
  pinId: z.string().regex(PIN_ID),
  smsStatus: z.string().optional(),
  callStatus: z.string().optional(),
  ncStatus: z.string().optional(),
});

const notSentReply = z.object({ smsStatus: z.string().optional(), ncStatus: z.string().optional() });

const verifyReply = z.object({
  pinId: z.string(),
  msisdn: z.string().optional(),
  verified: z.boolean(),
  attemptsRemaining: z.number().int().nonnegative().optional().catch(undefined),
  pinError: z.string().nullish(),
});

/**
 * What Infobip's `pinError` and an error envelope's `messageId` say about a PIN. A Map, because a plain object would
 * also have `constructor`.
 */
const PIN_ENDS: ReadonlyMap<string | null | undefined, PinEnd> = new Map([
  ['WRONG_PIN', 'wrong'],
  ['TTL_EXPIRED', 'expired'],
  ['PIN_EXPIRED', 'expired'],
  ['NO_MORE_PIN_ATTEMPTS', 'exhausted'],
  ['MAX_ATTEMPTS_EXCEEDED', 'exhausted'],
  ['PIN_NOT_FOUND', 'not-found'],
]);

/** Statuses with which a gateway says that it passed the request on but got no proper answer. */
const AMBIGUOUS_STATUSES = new Set([502, 504]);

const loggable = (messageId: string | undefined) =>
  messageId !== undefined && /^[A-Z_]{1,64}$/.test(messageId) ? { messageId } : {};

const causeOf = (fault: string, { status }: Answer, messageId?: string): UpstreamCause => ({
  fault,
  status,
  ...loggable(messageId),
});

/** An HTTP-date (RFC 9110, §5.6.7); `Date.parse` alone accepts much that is not one. */
export const HTTP_DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/** Seconds of a `Retry-After` in either form (RFC 9110, §10.2.3), clamped to a sane range; the fallback for garbage. */
export function parseRetryAfter(value: string | undefined, fallback: number, now = Date.now()): number {
  const text = value?.trim() ?? '';
  const isSeconds = /^\d{1,9}$/.test(text);
  if (!isSeconds && !HTTP_DATE.test(text)) return fallback;
  const seconds = isSeconds ? Number(text) : Math.ceil((Date.parse(text) - now) / 1000);
  // The date names a day that does not exist.
  if (Number.isNaN(seconds)) return fallback;
  return Math.min(MAX_RETRY_AFTER_SECONDS, Math.max(MIN_RETRY_AFTER_SECONDS, seconds));
}

/** Why no reply came. */
export const transportCause = ({ fault, code }: TransportError): UpstreamCause => ({
  fault,
  ...(code !== undefined && { errno: code }),
});

function transportFailure(error: TransportError): Failure {
  const { fault, written, retryAfterSeconds } = error;
  const failure = { kind: 'failed', maybeDone: written, cause: transportCause(error) } as const;
  if (fault === 'breaker-open') {
    return { ...failure, code: 'UPSTREAM_UNAVAILABLE', retryAfterSeconds: retryAfterSeconds ?? 1 };
  }
  if (fault === 'deadline' || fault === 'connect-timeout') return { ...failure, code: 'UPSTREAM_TIMEOUT' };
  return { ...failure, code: written ? 'UPSTREAM_BAD_REPLY' : 'UPSTREAM_UNAVAILABLE' };
}

const badReply = (reply: Answer): Failure => ({
  kind: 'failed',
  code: 'UPSTREAM_BAD_REPLY',
  maybeDone: reply.status >= 200 && reply.status < 300,
  cause: causeOf('bad-reply', reply),
});

/** An error reply that says nothing about the PIN. */
function refusal(reply: Answer, messageId: string | undefined, operation: 'send' | 'verify'): Failure {
  const cause = causeOf('refusal', reply, messageId);
  const failure = { kind: 'failed', maybeDone: false, cause } as const;
  if (messageId === 'TOO_MANY_REQUESTS' || reply.status === 429) {
    const wait = parseRetryAfter(reply.headers['retry-after'], DEFAULT_RETRY_AFTER_SECONDS[operation]);
    return { ...failure, code: 'RATE_LIMITED', retryAfterSeconds: wait };
  }
  if (reply.status === 401 || reply.status === 403) return { ...failure, code: 'UPSTREAM_REJECTED_US' };
  if (reply.status >= 500) {
    // Infobip's own error envelope means that the request failed. After anyone else's reply, Infobip may have carried
    // it out.
    const maybeDone = operation === 'verify' || messageId === undefined || AMBIGUOUS_STATUSES.has(reply.status);
    return { ...failure, code: 'UPSTREAM_UNAVAILABLE', maybeDone };
  }
  return { ...badReply(reply), cause };
}

type Read = { kind: 'ok'; reply: Answer } | { kind: 'pin'; end: PinEnd; cause: UpstreamCause } | Failure;

/**
 * Tells replies from errors by their shape, since the SDK returns both. An error envelope's `messageId` wins over the
 * status.
 */
function read(returned: unknown, operation: 'send' | 'verify'): Read {
  if (returned instanceof TransportError) return transportFailure(returned);
  const parsed = answer.safeParse(returned);
  // Neither a reply nor a transport fault: the SDK refused our own arguments. That is our bug.
  if (!parsed.success) throw new Error('Infobip SDK returned neither a reply nor a transport fault');
  const reply = parsed.data;
  const messageId = messageIdOf(reply.data);
  const end = PIN_ENDS.get(messageId) ?? (reply.status === 404 || messageId === 'NOT_FOUND' ? 'not-found' : undefined);
  if (end) return { kind: 'pin', end, cause: causeOf('pin', reply, messageId) };
  if (messageId !== undefined || reply.status >= 400) return refusal(reply, messageId, operation);
  return reply.status === 200 ? { kind: 'ok', reply } : badReply(reply);
}

const NOT_REACHABLE = new Set(['NC_DESTINATION_NOT_REACHABLE', 'NC_NOT_REACHABLE']);
/** Groups of Infobip's status names that mean that no call is placed. */
const CALL_NOT_PLACED = /^(UNDELIVERABLE|REJECTED|EXPIRED|FAILED)/;
const CALL_PLACED = /^(PENDING|DELIVERED)/;

function messageStatus(channel: Channel, reply: { smsStatus?: string | undefined; callStatus?: string | undefined }) {
  if (channel === 'sms')
    return { sent: reply.smsStatus === 'MESSAGE_SENT', refused: reply.smsStatus === 'MESSAGE_NOT_SENT' };
  const status = reply.callStatus ?? '';
  return { sent: CALL_PLACED.test(status), refused: CALL_NOT_PLACED.test(status) };
}

/**
 * Reads what the SDK returned for a send or a resend.
 * @param samePinId for a resend: the only correct pinId
 */
export function parseSendReply(returned: unknown, channel: Channel, samePinId?: string): SendResult {
  const result = read(returned, 'send');
  if (result.kind === 'failed') return result;
  if (result.kind === 'pin') {
    if (samePinId !== undefined) return { kind: 'pin-ended', cause: result.cause };
    // There is no PIN yet, so what Infobip does not know must be the application or the template.
    const cause = { ...result.cause, fault: 'application-missing' } as const;
    return { kind: 'failed', code: 'UPSTREAM_REJECTED_US', maybeDone: false, cause };
  }
  const { reply } = result;
  const said = notSentReply.safeParse(reply.data).data;
  const refused =
    said !== undefined && (NOT_REACHABLE.has(said.ncStatus ?? '') || messageStatus(channel, said).refused);
  if (refused)
    return { kind: 'not-delivered', cause: causeOf('not-delivered', reply, said.ncStatus ?? said.smsStatus) };
  const parsed = sendReply.safeParse(reply.data);
  const right = parsed.success && messageStatus(channel, parsed.data).sent;
  if (!right || (samePinId !== undefined && parsed.data.pinId !== samePinId)) return badReply(reply);
  return { kind: 'sent', pinId: parsed.data.pinId };
}

/**
 * Reads what the SDK returned for a verify. `verified` only for the exact shape: a 200 with `verified: true`, without
 * an error, for this PIN and this number.
 */
export function parseVerifyReply(returned: unknown, pinId: string, msisdn: string): VerifyResult {
  const result = read(returned, 'verify');
  if (result.kind === 'failed') return result;
  if (result.kind === 'pin')
    return result.end === 'wrong' ? { kind: 'wrong' } : { kind: result.end, cause: result.cause };
  const { reply } = result;
  const parsed = verifyReply.safeParse(reply.data);
  if (!parsed.success || parsed.data.pinId !== pinId) return badReply(reply);
  const { verified, pinError, attemptsRemaining } = parsed.data;
  if (verified) {
    const clean = pinError === undefined || pinError === null || pinError === 'NO_ERROR';
    return clean && parsed.data.msisdn === msisdn ? { kind: 'verified' } : badReply(reply);
  }
  const end = PIN_ENDS.get(pinError) ?? 'wrong';
  if (end !== 'wrong') return { kind: end, cause: causeOf('pin', reply, pinError ?? undefined) };
  return { kind: 'wrong', ...(attemptsRemaining !== undefined && { attemptsRemaining }) };
}
