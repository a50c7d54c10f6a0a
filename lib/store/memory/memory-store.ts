import { randomUUID } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Channel } from '@/lib/contract';
import {
  type Allowance,
  type AttemptClaim,
  type AttemptOutcome,
  allowancesFor,
  type ClaimTerms,
  COOLDOWN_MEMORY_MS,
  LOCK,
  type Locked,
  lockMs,
  type MessageClaim,
  type NumberStanding,
  RESEND_GRACE_MS,
  type Store,
  type VerificationRecord,
} from '@/lib/store/store';

/** As {@link VerificationRecord}, with times in epoch milliseconds. */
interface Verification extends Omit<VerificationRecord, 'remainingMs'> {
  readonly expiresAt: number;
  /** Until when a try is in flight. */
  readonly busyUntil: number;
}

/** What a number may be sent. Times in epoch milliseconds. */
interface NumberSlot {
  readonly messages: number;
  readonly nextAt: number;
  readonly token: string | undefined;
  readonly busyUntil: number;
}

/** Wrong codes in a row for a number, tries in flight included. */
interface WrongCodes {
  readonly count: number;
  readonly locks: number;
  /** Epoch milliseconds; Infinity for good. */
  readonly lockedUntil: number;
}

const NO_WRONG_CODES: WrongCodes = { count: 0, locks: 0, lockedUntil: 0 };
const NEW_SLOT: NumberSlot = { messages: 0, nextAt: 0, token: undefined, busyUntil: 0 };

/** Tries used after an outcome. Never fewer than Infobip counts. */
function attemptsAfter(used: number, outcome: AttemptOutcome, maxAttempts: number): number {
  if (outcome.kind === 'refund') return used - 1;
  if (outcome.kind === 'exhausted') return maxAttempts;
  if (outcome.kind !== 'wrong') return used;
  return Math.max(used, maxAttempts - (outcome.attemptsRemaining ?? maxAttempts));
}

/**
 * State in this process: for one instance, development and tests. Each operation is atomic because none awaits.
 * @param options.maxAttempts tries on a PIN
 * @param options.maxEntries bound on verifications and on numbers; the least recently used goes first
 * @param options.now the clock, in epoch milliseconds
 */
export function createMemoryStore(options: { maxAttempts: number; maxEntries?: number; now?: () => number }): Store {
  const { maxAttempts, maxEntries = 200_000, now = Date.now } = options;
  const bounds = { max: maxEntries, perf: { now }, ttlResolution: 0 };
  const verifications = new LRUCache<string, Verification>(bounds);
  const slots = new LRUCache<string, NumberSlot>(bounds);
  const sessions = new LRUCache<string, string>(bounds);
  const wrongCodes = new LRUCache<string, WrongCodes>(bounds);
  const used = new LRUCache<string, number>(bounds);

  const keep = (key: string, value: Verification) =>
    verifications.set(key, value, { ttl: Math.max(1, value.expiresAt + RESEND_GRACE_MS - now()) });

  const keepSlot = (phoneNumber: string, slot: NumberSlot) =>
    slots.set(phoneNumber, slot, { ttl: Math.max(slot.nextAt, slot.busyUntil, now()) - now() + COOLDOWN_MEMORY_MS });

  const recordOf = ({ expiresAt, busyUntil: _, ...record }: Verification): VerificationRecord => ({
    ...record,
    remainingMs: Math.max(0, expiresAt - now()),
  });

  const waitOf = (slot: NumberSlot): number => {
    const open = slot.token !== undefined && slot.busyUntil > now();
    return Math.max(0, slot.nextAt - now(), open ? 1 : 0);
  };

  const standingOf = (slot: NumberSlot = NEW_SLOT): NumberStanding => ({
    waitMs: waitOf(slot),
    messages: slot.messages,
  });

  const allowanceKey = (phoneNumber: string, { name }: Allowance) => `${name}:${phoneNumber}`;

  const waitFor = (phoneNumber: string, allowance: Allowance): number => {
    const key = allowanceKey(phoneNumber, allowance);
    return (used.get(key) ?? 0) < allowance.points ? 0 : used.getRemainingTTL(key);
  };

  const count = (phoneNumber: string, allowance: Allowance, by: 1 | -1): void => {
    const key = allowanceKey(phoneNumber, allowance);
    const before = used.getRemainingTTL(key) > 0 ? used.get(key) : undefined;
    if (before === undefined && by < 0) return;
    used.set(key, (before ?? 0) + by, { ttl: before === undefined ? allowance.windowMs : used.getRemainingTTL(key) });
  };

  function lockOf(phoneNumber: string): Locked | undefined {
    const { lockedUntil } = wrongCodes.get(phoneNumber) ?? NO_WRONG_CODES;
    if (lockedUntil <= now()) return undefined;
    return { kind: 'locked', retryAfterMs: lockedUntil === Infinity ? undefined : lockedUntil - now() };
  }

  const keepWrongCodes = (phoneNumber: string, codes: WrongCodes) =>
    wrongCodes.set(phoneNumber, codes, { ttl: codes.lockedUntil === Infinity ? LOCK.forGoodMs : LOCK.memoryMs });

  /** The tried code was wrong, or might have been: it stays counted, and every tenth locks. Tells whether this one did. */
  function lockIfDue(phoneNumber: string): boolean {
    const codes = wrongCodes.get(phoneNumber) ?? NO_WRONG_CODES;
    if (codes.count < LOCK.every * (codes.locks + 1)) return false;
    const locks = codes.locks + 1;
    const lockedUntil = codes.count >= LOCK.forGoodAfter ? Infinity : now() + lockMs(locks);
    keepWrongCodes(phoneNumber, { ...codes, locks, lockedUntil });
    return true;
  }

  /** Tells whether the number got locked. */
  function settleWrongCodes(phoneNumber: string, outcome: AttemptOutcome['kind']): boolean {
    const codes = wrongCodes.get(phoneNumber);
    const counts = outcome !== 'verified' && outcome !== 'refund' && outcome !== 'dead';
    if (counts) return lockIfDue(phoneNumber);
    if (outcome === 'verified') wrongCodes.delete(phoneNumber);
    else if (codes) keepWrongCodes(phoneNumber, { ...codes, count: Math.max(0, codes.count - 1) });
    return false;
  }

  function claim(phoneNumber: string, channel: Channel, terms: ClaimTerms): MessageClaim {
    const { cooldownsMs, holdMs } = terms;
    const allowances = allowancesFor(channel, terms);
    const lock = lockOf(phoneNumber);
    if (lock) return lock;
    const slot = slots.get(phoneNumber) ?? NEW_SLOT;
    let longest: { retryAfterMs: number; by: string | undefined } = { retryAfterMs: waitOf(slot), by: undefined };
    for (const allowance of allowances) {
      const retryAfterMs = waitFor(phoneNumber, allowance);
      if (retryAfterMs > longest.retryAfterMs) longest = { retryAfterMs, by: allowance.name };
    }
    if (longest.retryAfterMs > 0) return { kind: 'wait', ...longest };
    for (const allowance of allowances) count(phoneNumber, allowance, 1);
    const token = randomUUID();
    const cooldownMs = cooldownsMs[Math.min(slot.messages, cooldownsMs.length - 1)] ?? 0;
    keepSlot(phoneNumber, { ...slot, token, nextAt: now() + cooldownMs, busyUntil: now() + holdMs });
    return { kind: 'granted', token, cooldownMs };
  }

  return {
    async claimMessage(phoneNumber, channel, terms) {
      return claim(phoneNumber, channel, terms);
    },

    async claimResend(key, channel, terms) {
      const verification = verifications.get(key);
      if (!verification) return undefined;
      return {
        record: recordOf(verification),
        claim: claim(verification.phoneNumber, channel ?? verification.channel, terms),
      };
    },

    async settleMessage(phoneNumber, token, outcome, allowances) {
      const slot = slots.get(phoneNumber);
      if (slot?.token !== token) return standingOf(slot);
      const isSent = outcome === 'sent';
      const settled = {
        messages: slot.messages + (isSent ? 1 : 0),
        nextAt: isSent ? slot.nextAt : 0,
        token: undefined,
        busyUntil: 0,
      };
      keepSlot(phoneNumber, settled);
      if (!isSent) for (const allowance of allowances) count(phoneNumber, allowance, -1);
      return standingOf(settled);
    },

    async create(key, phoneNumber, { ttlMs, ...pin }) {
      keep(key, { phoneNumber, ...pin, attemptsUsed: 0, expiresAt: now() + ttlMs, busyUntil: 0 });
    },

    async find(key) {
      const verification = verifications.get(key);
      return verification && { ...recordOf(verification), ...standingOf(slots.get(verification.phoneNumber)) };
    },

    async remove(key) {
      verifications.delete(key);
    },

    async claimAttempt(key, holdMs): Promise<AttemptClaim> {
      const verification = verifications.get(key);
      if (!verification) return { kind: 'missing' };
      const { phoneNumber } = verification;
      if (verification.expiresAt <= now()) return { kind: 'expired', phoneNumber };
      if (verification.busyUntil > now()) return { kind: 'busy', phoneNumber };
      if (verification.attemptsUsed >= maxAttempts) return { kind: 'exhausted', phoneNumber };
      // Tries whose end never came, and those in flight, lock as well.
      lockIfDue(phoneNumber);
      const lock = lockOf(phoneNumber);
      if (lock) return { ...lock, phoneNumber };
      const codes = wrongCodes.get(phoneNumber) ?? NO_WRONG_CODES;
      keepWrongCodes(phoneNumber, { ...codes, count: codes.count + 1 });
      const claimed = { ...verification, attemptsUsed: verification.attemptsUsed + 1, busyUntil: now() + holdMs };
      keep(key, claimed);
      return { kind: 'granted', record: recordOf(claimed) };
    },

    async settleAttempt(key, infobipPinId, outcome) {
      const verification = verifications.get(key);
      if (verification?.infobipPinId !== infobipPinId) return undefined;
      const locked = settleWrongCodes(verification.phoneNumber, outcome.kind);
      const attemptsUsed = attemptsAfter(verification.attemptsUsed, outcome, maxAttempts);
      if (outcome.kind === 'verified') {
        const { session } = outcome;
        verifications.delete(key);
        if (session.replaces !== undefined) sessions.delete(session.replaces);
        sessions.set(session.key, session.proof, { ttl: session.ttlMs });
        const slot = slots.get(verification.phoneNumber);
        if (slot) keepSlot(verification.phoneNumber, { ...slot, messages: 0 });
        return { attemptsUsed, locked };
      }
      const expiresAt = outcome.kind === 'dead' ? Math.min(verification.expiresAt, now()) : verification.expiresAt;
      keep(key, { ...verification, busyUntil: 0, attemptsUsed, expiresAt });
      return { attemptsUsed, locked };
    },

    async replacePin(key, previousPinId, { ttlMs, ...pin }) {
      const verification = verifications.get(key);
      if (verification?.infobipPinId !== previousPinId) return false;
      if (pin.infobipPinId === previousPinId) keep(key, { ...verification, channel: pin.channel });
      else keep(key, { ...verification, ...pin, attemptsUsed: 0, busyUntil: 0, expiresAt: now() + ttlMs });
      return true;
    },

    async findSession(key) {
      return sessions.get(key);
    },

    async endSession(key) {
      sessions.delete(key);
    },

    async unlock(phoneNumber) {
      wrongCodes.delete(phoneNumber);
    },

    async ping() {},
  };
}
