/** This service's limits and guard, composed as in `lib/services.ts`, over a store with simulated time. */
import type { CountryCode } from 'libphonenumber-js/max';
import { loadConfig } from '@/lib/config/config';
import { PRICE_UNITS } from '@/lib/config/environment-values';
import { createLimits, type Reservation } from '@/lib/limits/reservation';
import { termsOf } from '@/lib/limits/terms';
import { destinationOf, unitPriceFor } from '@/lib/methods/phone/prices';
import type { Refusal } from '@/lib/store/limits';
import { createMemoryStores } from '@/lib/store/memory/memory-stores';
import type { Stores } from '@/lib/store/stores';
import type { Answer, Ask, CreateDefense, Defense, DefenseOptions } from './defense';
import { createWorld, HOME } from './markets';

/** The model sends nothing, so any values that the configuration accepts will do. */
const INFOBIP = {
  INFOBIP_BASE_URL: 'http://127.0.0.1:1',
  INFOBIP_API_KEY: '0123456789abcdef0123456789abcdef-01234567-89ab-cdef-0123-456789abcdef',
  INFOBIP_2FA_APP_ID: '0'.repeat(32),
  INFOBIP_2FA_MESSAGE_ID: '0'.repeat(32),
};

/**
 * The model is a service with 20,000 people a day, but the default ceilings on the bill fit a small business. These are
 * out of reach, so that the simulation measures only the guard.
 */
const CEILINGS = {
  BUDGET_PER_HOUR: '1000000',
  BUDGET_PER_DAY: '1000000',
  LIMIT_SEND_GLOBAL: '1000000/1m',
  LIMIT_SEND_GLOBAL_PER_DAY: '100000000/1d',
};

const MAX_ENTRIES = 2_000_000;
const PIN_TTL_MS = 300_000;
const PASS_TTL_MS = 600_000;
/** The model's prices instead of the table's, in the notation of `PRICES`. */
const PRICES = JSON.stringify(
  Object.fromEntries(
    createWorld().markets.map(({ country, prices: { sms, voice } }) => [
      country,
      { sms: sms / PRICE_UNITS, voice: voice / PRICE_UNITS },
    ]),
  ),
);

function answerOf(refusal: Refusal): Answer {
  if (refusal.kind === 'challenge') return { kind: 'challenge', by: refusal.by, level: refusal.level };
  if (refusal.kind === 'limited') return { kind: 'refused', by: refusal.by ?? 'cooldown', waitMs: refusal.waitMs };
  return { kind: 'refused', by: refusal.kind, waitMs: undefined };
}

/** A place for state while simulated time passes. */
interface SimulatedStores extends Pick<Stores, 'limits' | 'verifications'> {
  /** Called before every request. */
  readonly setClock?: () => Promise<void>;
  readonly close?: () => Promise<void>;
}

export type OpenStores = (options: {
  readonly maxAttempts: number;
  readonly now: () => number;
}) => Promise<SimulatedStores>;

const openMemory: OpenStores = async ({ maxAttempts, now }) =>
  createMemoryStores({ maxAttempts, maxEntries: MAX_ENTRIES, now });

async function create({ now, env }: DefenseOptions, mode: 'enforce' | 'off', open: OpenStores): Promise<Defense> {
  const config = loadConfig({
    ...INFOBIP,
    ...CEILINGS,
    FRAUD_GUARD: mode,
    HOME_COUNTRY: HOME,
    PRICES,
    ...env,
  } as never);
  const { maxAttempts } = config.pin;
  const { limits: store, verifications, setClock, close } = await open({ maxAttempts, now });
  const limits = createLimits(store, termsOf(config, unitPriceFor(config)));
  let count = 0;
  const newId = () => {
    count += 1;
    return `id ${count}`;
  };
  const pass = (level: number | undefined) =>
    level === undefined ? undefined : { id: newId(), kind: 'solved' as const, level, ttlMs: PASS_TTL_MS };

  const destinationFor = ({ number, market: { country } }: Ask) =>
    destinationOf({ e164: number, country: country as CountryCode }, config);

  /** Checks the country before any limit, like `lib/methods/phone`. */
  const isCallRefused = ({ method, market: { country } }: Ask) =>
    method === 'voice' && config.voiceCountries !== undefined && !config.voiceCountries.includes(country);

  async function finish(reserved: Reservation, ask: Ask): Promise<Answer> {
    await reserved.commit('sent');
    const verification = newId();
    await verifications.create(verification, {
      subject: ask.number,
      method: ask.method,
      methodState: '',
      scope: reserved.scope,
      destination: destinationFor(ask),
      challenge: verification,
      ttlMs: PIN_TTL_MS,
    });
    return { kind: 'sent', verification };
  }

  return {
    ...(close && { close }),

    async send(ask, solved) {
      await setClock?.();
      if (isCallRefused(ask)) return { kind: 'refused', by: 'VOICE_COUNTRIES', waitMs: undefined };
      const { client, number, method } = ask;
      const reserved = await limits.reserveMessage(client, {
        subject: number,
        method,
        device: ask.isKnown ? { id: number, issuedAt: now() } : undefined,
        destination: destinationFor(ask),
        pass: pass(solved),
      });
      return reserved.kind === 'granted' ? finish(reserved, ask) : answerOf(reserved);
    },

    async resend({ client, method }, verification, solved) {
      await setClock?.();
      const reserved = await limits.reserveResend(client, verification, undefined, pass(solved));
      if (reserved.kind !== 'granted') return answerOf(reserved);
      await reserved.commit('sent');
      const next = { method, methodState: '', challenge: newId(), ttlMs: PIN_TTL_MS };
      await verifications.replaceChallenge(verification, reserved.record, next);
      return { kind: 'sent', verification };
    },

    async verify({ client }, verification) {
      await setClock?.();
      const reserved = await limits.reserveAttempt(client, verification);
      if (reserved.kind !== 'granted') return false;
      await verifications.settleAttempt(verification, reserved.record.challenge, { kind: 'verified' });
      await reserved.commit('verified');
      return true;
    },
  };
}

export const guardOver =
  (open: OpenStores): CreateDefense =>
  (options) =>
    create(options, 'enforce', open);

export const guard = guardOver(openMemory);
export const limitsOnly = (options: DefenseOptions): Promise<Defense> => create(options, 'off', openMemory);
