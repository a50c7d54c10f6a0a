import { randomUUID } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import {
  type AttemptClaim,
  type AttemptOutcome,
  COOLDOWN_MEMORY_MS,
  type MessageClaim,
  type NewPin,
  RESEND_GRACE_MS,
  type Store,
  type VerificationRecord,
} from './store';

interface Verification extends VerificationRecord {
  /** Epoch milliseconds until which a try is in flight. */
  readonly busyUntil: number;
}

/** What a number may be sent. Times in epoch milliseconds. */
interface NumberSlot {
  readonly messages: number;
  readonly nextAt: number;
  readonly cooldownMs: number;
  readonly token: string | undefined;
  readonly busyUntil: number;
}

const NEW_SLOT: NumberSlot = { messages: 0, nextAt: 0, cooldownMs: 0, token: undefined, busyUntil: 0 };

/** Tries used after an outcome. Never fewer than Infobip counts. */
function attemptsAfter(record: VerificationRecord, outcome: AttemptOutcome, maxAttempts: number): number {
  if (outcome.kind === 'refund') return record.attemptsUsed - 1;
  if (outcome.kind === 'exhausted') return maxAttempts;
  if (outcome.kind !== 'wrong') return record.attemptsUsed;
  return Math.max(record.attemptsUsed, maxAttempts - (outcome.attemptsRemaining ?? maxAttempts));
}

/**
 * State in this process: for one instance, development and tests. Each operation is atomic because none awaits.
 * @param options.maxAttempts tries on a PIN, to translate what Infobip says is left
 * @param options.maxEntries bound on verifications and on numbers; the least recently used goes first
 * @param options.now the clock, in epoch milliseconds
 */
export function createMemoryStore(options: { maxAttempts: number; maxEntries?: number; now?: () => number }): Store {
  const { maxAttempts, maxEntries = 200_000, now = Date.now } = options;
  const bounds = { max: maxEntries, perf: { now }, ttlResolution: 0 };
  const verifications = new LRUCache<string, Verification>(bounds);
  const slots = new LRUCache<string, NumberSlot>(bounds);

  const keep = (key: string, value: Verification) =>
    verifications.set(key, value, { ttl: Math.max(1, value.expiresAt + RESEND_GRACE_MS - now()) });

  const keepSlot = (phoneNumber: string, slot: NumberSlot) =>
    slots.set(phoneNumber, slot, { ttl: Math.max(slot.nextAt, slot.busyUntil) - now() + COOLDOWN_MEMORY_MS });

  const waitOf = (slot: NumberSlot): number => {
    const open = slot.token !== undefined && slot.busyUntil > now();
    return Math.max(0, slot.nextAt - now(), open ? 1 : 0);
  };

  return {
    async claimMessage(phoneNumber, cooldownsMs, holdMs): Promise<MessageClaim> {
      const slot = slots.get(phoneNumber) ?? NEW_SLOT;
      const wait = waitOf(slot);
      if (wait > 0) return { granted: false, retryAfterMs: wait };
      const token = randomUUID();
      const cooldownMs = cooldownsMs[Math.min(slot.messages, cooldownsMs.length - 1)] ?? 0;
      keepSlot(phoneNumber, { ...slot, token, cooldownMs, nextAt: now() + cooldownMs, busyUntil: now() + holdMs });
      return { granted: true, token, cooldownMs };
    },

    async settleMessage(phoneNumber, token, outcome) {
      const slot = slots.get(phoneNumber);
      if (slot?.token !== token) return;
      const closed = { ...slot, token: undefined, busyUntil: 0 };
      if (outcome === 'free') keepSlot(phoneNumber, { ...closed, nextAt: 0 });
      else keepSlot(phoneNumber, { ...closed, messages: slot.messages + 1, nextAt: now() + slot.cooldownMs });
    },

    async messageWait(phoneNumber) {
      return waitOf(slots.get(phoneNumber) ?? NEW_SLOT);
    },

    async resetCooldown(phoneNumber) {
      const slot = slots.get(phoneNumber);
      if (slot) keepSlot(phoneNumber, { ...slot, messages: 0 });
    },

    async create(key, record) {
      keep(key, { ...record, busyUntil: 0 });
    },

    async find(key) {
      return verifications.get(key);
    },

    async remove(key) {
      verifications.delete(key);
    },

    async claimAttempt(key, limit, holdMs): Promise<AttemptClaim> {
      const record = verifications.get(key);
      if (!record) return { kind: 'missing' };
      if (record.expiresAt <= now()) return { kind: 'expired' };
      if (record.busyUntil > now()) return { kind: 'busy' };
      if (record.attemptsUsed >= limit) return { kind: 'exhausted' };
      const claimed = { ...record, attemptsUsed: record.attemptsUsed + 1, busyUntil: now() + holdMs };
      keep(key, claimed);
      return { kind: 'granted', record: claimed };
    },

    async settleAttempt(key, infobipPinId, outcome) {
      const record = verifications.get(key);
      if (record?.infobipPinId !== infobipPinId) return undefined;
      const settled = {
        ...record,
        busyUntil: 0,
        attemptsUsed: attemptsAfter(record, outcome, maxAttempts),
        expiresAt: outcome.kind === 'dead' ? Math.min(record.expiresAt, now()) : record.expiresAt,
      };
      if (outcome.kind === 'verified') verifications.delete(key);
      else keep(key, settled);
      return settled;
    },

    async replacePin(key, previousPinId, pin: NewPin) {
      const record = verifications.get(key);
      if (record?.infobipPinId !== previousPinId) return false;
      const fresh = pin.infobipPinId === previousPinId ? {} : { attemptsUsed: 0, busyUntil: 0 };
      keep(key, { ...record, ...pin, ...fresh });
      return true;
    },
  };
}
