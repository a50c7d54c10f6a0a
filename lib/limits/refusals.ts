import { AppError, type ErrorCode } from '@/lib/errors';
import type { Refusal } from '@/lib/store/limits';
import type { CreditName } from './credit';
import type { LimitName, OtherLimit } from './policies';

const other = (limit: OtherLimit): string => limit;

/** How long to wait while another attempt on the verification is in flight: it ends soon. */
const BUSY_MS = 1000;

/**
 * The reply for asking again too soon.
 * @param limit the limit that refused it, for the log; undefined if another request was in flight
 */
export const tooSoon = (waitMs: number, limit?: string): AppError =>
  new AppError('RATE_LIMITED', {
    retryAfterSeconds: seconds(waitMs),
    ...(limit !== undefined && { limit }),
  });

function numberLocked(waitMs: number | undefined): AppError {
  const limit = other('NUMBER_LOCK');
  if (waitMs !== undefined)
    return new AppError('NUMBER_LOCKED', { limit, retryAfterSeconds: Math.ceil(waitMs / 1000) });
  return new AppError('NUMBER_LOCKED', {
    limit,
    message: 'Too many wrong codes were entered for this number. Contact support.',
  });
}

/** Limits whose refusals have a code of their own. */
const CODES: Readonly<Record<string, ErrorCode>> = {
  ['NUMBER_LOCK' satisfies OtherLimit]: 'NUMBER_LOCKED',
  ['BUDGET_PER_HOUR' satisfies OtherLimit]: 'BUDGET_EXHAUSTED',
  ['BUDGET_PER_DAY' satisfies OtherLimit]: 'BUDGET_EXHAUSTED',
  ['BUDGET_PER_HOUR_NEW_COUNTRIES' satisfies OtherLimit]: 'DESTINATION_SUSPENDED',
  ['BUDGET_PER_DAY_NEW_COUNTRIES' satisfies OtherLimit]: 'DESTINATION_SUSPENDED',
  ['CLIENT_MESSAGES_PER_DAY' satisfies OtherLimit]: 'QUOTA_EXHAUSTED',
  ['CLIENT_BUDGET_PER_DAY' satisfies OtherLimit]: 'QUOTA_EXHAUSTED',
  ['CREDIT_PER_RANGE' satisfies CreditName]: 'DESTINATION_SUSPENDED',
  ['CREDIT_PER_HOME_RANGE' satisfies CreditName]: 'DESTINATION_SUSPENDED',
  ['LIMIT_SEND_PER_RANGE' satisfies LimitName]: 'DESTINATION_SUSPENDED',
  ['LIMIT_SEND_PER_BLOCK' satisfies LimitName]: 'DESTINATION_SUSPENDED',
};

/** Buckets of the client's own credit. Somebody on their first try should not read that they asked too soon. */
const OF_CLIENT: ReadonlySet<string> = new Set<CreditName>([
  'CREDIT_PER_ADDRESS',
  'CREDIT_PER_SITE',
  'CREDIT_PER_NETWORK',
]);
const FROM_NETWORK = 'Too many codes were requested from your network. Try again later.';

const seconds = (waitMs: number) => Math.max(1, Math.ceil(waitMs / 1000));

/** The reply for a request that a limit refused. */
export function refusalError(refusal: Refusal): AppError {
  switch (refusal.kind) {
    case 'limited': {
      const { by = other('RESEND_COOLDOWN_SECONDS'), waitMs } = refusal;
      const wait = { limit: by, retryAfterSeconds: seconds(waitMs) };
      if (OF_CLIENT.has(by)) return new AppError('RATE_LIMITED', { ...wait, reason: 'network', message: FROM_NETWORK });
      return new AppError(CODES[by] ?? 'RATE_LIMITED', wait);
    }
    case 'challenge':
      return new AppError('CHALLENGE_REQUIRED', { limit: refusal.by, challengeLevel: refusal.level });
    case 'no-calls':
      return new AppError('PHONE_NUMBER_NOT_SUPPORTED', {
        limit: other('VOICE_COUNTRIES'),
        reason: 'no-calls',
        message: 'Calls to this country are not possible. Ask for a text message.',
      });
    case 'locked':
      return numberLocked(refusal.waitMs);
    case 'busy':
      return tooSoon(BUSY_MS);
    case 'exhausted':
      return new AppError('TOO_MANY_ATTEMPTS');
    default:
      return new AppError('PIN_NOT_FOUND');
  }
}
