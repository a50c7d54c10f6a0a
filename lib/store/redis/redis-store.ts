import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { z } from 'zod';
import type { Channel } from '@/lib/contract';
import { AppError } from '@/lib/errors';
import { fingerprint, type Privacy } from '@/lib/privacy';
import {
  type Allowance,
  type AttemptOutcome,
  allowancesFor,
  type ClaimTerms,
  LOCK,
  type Locked,
  type MessageClaim,
  type Store,
  type VerificationRecord,
} from '@/lib/store/store';
import { ASKED, KEYS, SCRIPTS } from './redis-scripts';

type ScriptName = keyof typeof SCRIPTS;
type Commands = Record<ScriptName, (...args: (string | number)[]) => Promise<unknown>>;

/** No answer takes longer: a frozen Redis must not freeze us. */
const COMMAND_TIMEOUT_MS = 250;
const MAX_RECONNECT_DELAY_MS = 500;
/** How long it is remembered that a privacy key was in use. */
const PRIVACY_KEY_MARK_MS = LOCK.forGoodMs;
/** Instances with different newest keys may take a verification from each other; this often at most. */
const MAX_REKEYS = 3;

const recordReply = z.tuple([z.string(), z.enum(['sms', 'voice']), z.string(), z.string(), z.number(), z.number()]);
const claimReply = z.tuple([z.enum(['granted', 'wait', 'locked']), z.number(), z.string()]);
const resendReply = z.tuple([recordReply, ...claimReply.def.items]).nullable();
const settledReply = z.tuple([z.number(), z.number()]).nullable();
const standingReply = z.tuple([z.number(), z.number()]);
const foundReply = z.tuple([recordReply, z.number(), z.number()]).nullable();
const refusedAttempt = z.tuple([z.enum(['missing', 'expired', 'exhausted', 'busy', 'locked']), z.number(), z.string()]);
const attemptReply = z.union([z.tuple([z.literal('granted'), recordReply]), refusedAttempt]);

/** Where a verification keeps what is sealed. */
const numberOf = (key: string) => `number of ${key}`;
const pinIdOf = (key: string) => `pinId of ${key}`;
const proofOf = (key: string) => `proof of ${key}`;

/** -1 is for good. */
const locked = (ms: number): Locked => ({ kind: 'locked', retryAfterMs: ms < 0 ? undefined : ms });

function toClaim(token: string, [kind, ms, by]: z.infer<typeof claimReply>): MessageClaim {
  if (kind === 'granted') return { kind, token, cooldownMs: ms };
  return kind === 'wait' ? { kind, retryAfterMs: ms, by: by || undefined } : locked(ms);
}

function claimArguments(token: string, channel: Channel | undefined, terms: ClaimTerms): (string | number)[] {
  const { holdMs, cooldownsMs } = terms;
  const rows = terms.allowances.flatMap((row) => [row.name, row.points, row.windowMs, row.channel ?? '']);
  return [token, holdMs, channel ?? '', cooldownsMs.length, ...cooldownsMs, ...rows];
}

/** Redis' own words name no data of ours; of what else went wrong the kind is enough. */
function faultOf({ message }: Error): string {
  if (message.startsWith("Stream isn't writeable")) return 'not connected';
  return /^[A-Z]{3,}\b/.exec(message)?.[0] ?? message.slice(0, 80);
}

function unavailable(error: unknown): AppError {
  const fault = error instanceof Error ? faultOf(error) : 'unknown';
  return new AppError('STORE_UNAVAILABLE', { cause: { store: 'redis', fault } });
}

/**
 * State in Redis, for any number of instances, restarts included. A Redis that is down, frozen, read-only or full is
 * STORE_UNAVAILABLE within 250 ms; it is used again as soon as it is back.
 * @param options.maxAttempts tries on a PIN
 * @param options.privacy what numbers, pinIds and proofs are hidden with
 * @param options.commandTimeoutMs how long an answer may take instead
 * @param options.onConnection told when the connection is lost, once for each outage, and when it is back
 */
export function createRedisStore(options: {
  url: string;
  maxAttempts: number;
  privacy: Privacy;
  commandTimeoutMs?: number;
  onConnection: (event: { connected: boolean; reason?: string | undefined }) => void;
}): Store & { readonly redis: Redis; close(): void } {
  const { maxAttempts, privacy, commandTimeoutMs = COMMAND_TIMEOUT_MS } = options;
  const [keyId] = privacy.keyIds;
  const pseudonyms = (phoneNumber: string) => privacy.pseudonyms('number', phoneNumber);
  const numberIn = (phoneNumber: string) => pseudonyms(phoneNumber).join(' ');
  const redis = new Redis(options.url, {
    enableOfflineQueue: false,
    commandTimeout: commandTimeoutMs,
    connectTimeout: 2 * commandTimeoutMs,
    maxRetriesPerRequest: 0,
    // A command whose answer was lost may have been carried out: sent again, it would count twice.
    autoResendUnfulfilledCommands: false,
    retryStrategy: (attempt) => Math.min(50 * attempt, MAX_RECONNECT_DELAY_MS),
  });
  let lost = false;
  let closing = false;
  let reason: string | undefined;
  redis.on('error', (error: Error & { code?: string }) => {
    reason = error.code ?? /^[A-Z]{3,}\b/.exec(error.message)?.[0];
  });
  redis.on('close', () => {
    if (!lost && !closing) options.onConnection({ connected: false, reason: reason ?? 'closed' });
    lost = true;
  });
  redis.on('ready', () => {
    if (lost) options.onConnection({ connected: true });
    lost = false;
    reason = undefined;
  });
  for (const [name, lua] of Object.entries(SCRIPTS))
    redis.defineCommand(name, { numberOfKeys: ASKED.has(name) ? 2 : 1, lua });
  const commands = redis as unknown as Commands;

  async function orUnavailable<T>(reply: Promise<T>): Promise<T> {
    try {
      return await reply;
    } catch (error) {
      // A connection that went dead without a word heals only by a new one. What undoes a claim goes out first.
      const timedOut = error instanceof Error && error.message === 'Command timed out';
      if (timedOut) {
        reason = 'timeout';
        setImmediate(() => redis.status === 'ready' && redis.disconnect(true));
      }
      throw unavailable(error);
    }
  }

  async function run<T>(schema: z.ZodType<T>, name: ScriptName, ...args: (string | number)[]): Promise<T> {
    const reply = await orUnavailable(commands[name](...args));
    return schema.parse(reply);
  }

  /** Brings a verification under our newest privacy key; false where it is of a key that is not here any more. */
  async function rekey(key: string): Promise<boolean> {
    const id = KEYS.verification + key;
    const [sealedNumber, sealedPinId] = await orUnavailable(redis.hmget(id, 's', 'p'));
    const phoneNumber = privacy.open(sealedNumber ?? '', numberOf(key));
    const infobipPinId = privacy.open(sealedPinId ?? '', pinIdOf(key));
    if (phoneNumber === undefined || infobipPinId === undefined) return false;
    const sealed = [privacy.seal(phoneNumber, numberOf(key)), privacy.seal(infobipPinId, pinIdOf(key))];
    const before = [sealedNumber ?? '', sealedPinId ?? ''];
    await run(z.number(), 'rekeyScript', id, ...before, numberIn(phoneNumber), ...sealed, keyId);
    return true;
  }

  /** Asks about a verification; undefined where nobody can go on with it, since its privacy key is gone. */
  async function ask<T>(schema: z.ZodType<T>, name: ScriptName, key: string, ...args: (string | number)[]) {
    for (let rekeys = 0; rekeys < MAX_REKEYS; rekeys += 1) {
      const id = KEYS.verification + key;
      const reply = await run(z.union([z.literal('stale'), schema]), name, id, keyId, ...args);
      if (reply !== 'stale') return reply as T;
      if (!(await rekey(key))) return undefined;
    }
    throw new AppError('STORE_UNAVAILABLE', { cause: { store: 'redis', fault: 'privacy keys' } });
  }

  /** Undefined where it cannot be opened: somebody else wrote into it. */
  function toRecord(key: string, reply: z.infer<typeof recordReply>): VerificationRecord | undefined {
    const [sealedNumber, channel, messageId, sealedPinId, attemptsUsed, remainingMs] = reply;
    const phoneNumber = privacy.open(sealedNumber, numberOf(key));
    const infobipPinId = privacy.open(sealedPinId, pinIdOf(key));
    if (phoneNumber === undefined || infobipPinId === undefined) return undefined;
    return { phoneNumber, channel, messageId, infobipPinId, attemptsUsed, remainingMs };
  }

  /**
   * A claim that was not answered in time may be carried out later, by a Redis that was frozen. What undoes it goes out
   * behind it on the same connection, so that nobody has to wait for the claim to lapse.
   */
  async function orUndo<T>(claim: Promise<T>, undo: () => Promise<unknown>): Promise<T> {
    try {
      return await claim;
    } catch (error) {
      undo().catch(() => undefined);
      throw error;
    }
  }

  function sessionArguments(outcome: AttemptOutcome): (string | number)[] {
    if (outcome.kind !== 'verified') return [];
    const { key, proof, ttlMs, replaces } = outcome.session;
    const replaced = replaces === undefined ? '' : KEYS.session + replaces;
    return [KEYS.session + key, privacy.seal(proof, proofOf(key)), ttlMs, replaced];
  }

  const settleMessage = async (
    phoneNumber: string,
    token: string,
    outcome: string,
    allowances: readonly Allowance[],
  ) => {
    const names = allowances.map(({ name }) => name);
    const number = numberIn(phoneNumber);
    const [waitMs, messages] = await run(standingReply, 'settleMessageScript', number, token, outcome, ...names);
    return { waitMs, messages };
  };

  return {
    async claimMessage(phoneNumber, channel, terms) {
      const token = randomUUID();
      const reply = run(
        claimReply,
        'claimMessageScript',
        numberIn(phoneNumber),
        ...claimArguments(token, channel, terms),
      );
      const undo = () => settleMessage(phoneNumber, token, 'free', allowancesFor(channel, terms));
      return toClaim(token, await orUndo(reply, undo));
    },

    async claimResend(key, channel, terms) {
      const token = randomUUID();
      const id = KEYS.verification + key;
      // Where only the record knows the channel, a call's allowance is not given back: too strict rather than too lax.
      const names = allowancesFor(channel ?? 'sms', terms).map(({ name }) => name);
      const undo = () => commands.settleResendScript(id, token, 'free', ...names);
      const claim = ask(resendReply, 'claimResendScript', key, ...claimArguments(token, channel, terms));
      const reply = await orUndo(claim, undo);
      const record = reply && toRecord(key, reply[0]);
      return record ? { record, claim: toClaim(token, [reply[1], reply[2], reply[3]]) } : undefined;
    },

    settleMessage,

    async create(key, phoneNumber, { channel, messageId, infobipPinId, ttlMs }) {
      const number = [numberIn(phoneNumber), privacy.seal(phoneNumber, numberOf(key))];
      const pin = [channel, messageId, privacy.seal(infobipPinId, pinIdOf(key)), fingerprint(infobipPinId), ttlMs];
      await run(z.number(), 'createScript', KEYS.verification + key, ...number, ...pin, keyId);
    },

    async find(key) {
      const reply = await ask(foundReply, 'findScript', key);
      const record = reply && toRecord(key, reply[0]);
      return record ? { ...record, waitMs: reply[1], messages: reply[2] } : undefined;
    },

    async remove(key) {
      await orUnavailable(redis.del(KEYS.verification + key));
    },

    async claimAttempt(key, holdMs) {
      const token = randomUUID();
      const id = KEYS.verification + key;
      const undo = () => commands.abandonAttemptScript(id, token);
      const reply = await orUndo(ask(attemptReply, 'claimAttemptScript', key, holdMs, maxAttempts, token), undo);
      if (!reply || reply[0] === 'missing') return { kind: 'missing' };
      if (reply[0] === 'granted') {
        const record = toRecord(key, reply[1]);
        return record ? { kind: 'granted', record } : { kind: 'missing' };
      }
      const [kind, lockMs, sealedNumber] = reply;
      const phoneNumber = privacy.open(sealedNumber, numberOf(key));
      if (phoneNumber === undefined) return { kind: 'missing' };
      return kind === 'locked' ? { ...locked(lockMs), phoneNumber } : { kind, phoneNumber };
    },

    async settleAttempt(key, infobipPinId, outcome) {
      const remaining = outcome.kind === 'wrong' ? (outcome.attemptsRemaining ?? '') : '';
      const args = [fingerprint(infobipPinId), outcome.kind, maxAttempts, remaining, ...sessionArguments(outcome)];
      const settled = await run(settledReply, 'settleAttemptScript', KEYS.verification + key, ...args);
      return settled ? { attemptsUsed: settled[0], locked: settled[1] === 1 } : undefined;
    },

    async replacePin(key, previousPinId, { channel, messageId, infobipPinId, ttlMs }) {
      const sealed = privacy.seal(infobipPinId, pinIdOf(key));
      const args = [fingerprint(previousPinId), channel, messageId, sealed, fingerprint(infobipPinId), ttlMs];
      return (await run(z.number(), 'replacePinScript', KEYS.verification + key, ...args)) === 1;
    },

    async findSession(key) {
      const sealed = await orUnavailable(redis.hget(KEYS.session + key, 's'));
      return sealed === null ? undefined : privacy.open(sealed, proofOf(key));
    },

    async endSession(key) {
      await orUnavailable(redis.del(KEYS.session + key));
    },

    async unlock(phoneNumber) {
      await orUnavailable(redis.del(pseudonyms(phoneNumber).map((pseudonym) => KEYS.wrongCodes + pseudonym)));
    },

    async ping() {
      await orUnavailable(redis.set(KEYS.privacyKey + keyId, '1', 'PX', PRIVACY_KEY_MARK_MS));
    },

    redis,

    close() {
      closing = true;
      redis.disconnect();
    },
  };
}
