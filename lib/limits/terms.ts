import type { Config } from '@/lib/config/config';
import type { Row, Terms } from '@/lib/store/limits';
import { ALL_DEVICES, COOLDOWN_MEMORY_MS, type Limit, type LimitKey, LOCK, type OtherLimit } from './policies';

/** What requests to send, to resend and to verify are held against. */
export interface AllTerms {
  readonly message: Terms;
  readonly resend: Terms;
  readonly attempt: Terms;
}

/** How long a reservation outlives the upstream deadline, should its process have died. */
const HOLD_MARGIN_MS = 5_000;

/** A resend makes two calls to Infobip where the code sent before no longer serves. */
const CALLS = { message: 1, resend: 2, attempt: 1 };

/** The only method that a row counts. */
const METHOD_OF: Readonly<Partial<Record<Limit['counts'], string>>> = { calls: 'voice' };

function rowOf({ name, field, points, windowMs, cost, counts }: Limit): Row {
  const method = METHOD_OF[counts];
  return { name, field, points, windowMs, cost, ...(method !== undefined && { method }) };
}

/** Counts wrong codes by known devices; what is right is given back. */
const DEVICE_LOCK: Row = {
  name: 'NUMBER_LOCK' satisfies OtherLimit,
  field: 'T',
  points: ALL_DEVICES.wrongCodes,
  windowMs: ALL_DEVICES.windowMs,
  cost: 1,
};

function rowsFor({ limits }: Config, counted: readonly Limit['counts'][]) {
  const by = (key: LimitKey) =>
    limits.filter((limit) => limit.key === key && counted.includes(limit.counts)).map(rowOf);
  return {
    address: by('address'),
    network: by('network'),
    number: by('number'),
    numberByNetwork: by('number-by-network'),
    allDevices: by('number').map((row) => ({ ...row, points: row.points * ALL_DEVICES.share })),
    everyone: by('everyone'),
    lock: LOCK,
    deviceLock: DEVICE_LOCK,
  };
}

/** Made once, at startup. */
export function termsOf(config: Config): AllTerms {
  const holdMs = (request: keyof AllTerms) => CALLS[request] * config.infobip.timeoutMs + HOLD_MARGIN_MS;
  const messageTerms = (request: 'message' | 'resend'): Terms => ({
    ...rowsFor(config, ['messages', 'calls']),
    message: {
      cooldownsMs: config.cooldownSeconds.map((seconds) => seconds * 1000),
      cooldownMemoryMs: COOLDOWN_MEMORY_MS,
      holdMs: holdMs(request),
    },
  });
  return {
    message: messageTerms('message'),
    resend: messageTerms('resend'),
    attempt: {
      ...rowsFor(config, ['tries']),
      allDevices: [DEVICE_LOCK],
      attempt: { maxAttempts: config.pin.maxAttempts, holdMs: holdMs('attempt') },
    },
  };
}
