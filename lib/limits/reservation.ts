import { randomUUID } from 'node:crypto';
import type { Demand, Device, Granted, LimitStore, Refusal, Usage } from '@/lib/store/limits';
import type { Scope, Standing, VerificationRecord } from '@/lib/store/verifications';
import type { AllTerms } from './terms';

/** Who asks, as limits count it. */
interface Client {
  readonly address: string;
  readonly network: string;
}

/** One of every limit, taken until it is committed or released. Neither lets it lapse: what may have been done stays counted. */
export interface Reservation {
  readonly kind: 'granted';
  /** Names it; no other one has the same. */
  readonly token: string;
  /** Whose counts it is held against. */
  readonly scope: Scope;
  /** As it stood when it was reserved; undefined where the demand named a subject. */
  readonly record: VerificationRecord | undefined;
  /** Whether this attempt locks the number unless its code is right. */
  readonly locks: boolean;
  /**
   * The message left or may have left, or the code was right. A code that was wrong needs no commit: it is counted already.
   * @returns where the number stands then; undefined after an attempt
   */
  commit(outcome: 'sent' | 'verified'): Promise<Standing | undefined>;
  /** It certainly came to nothing: as if nobody had asked. */
  release(): Promise<void>;
}

/** What limits are asked for: a message, or an attempt on a code. */
export interface Limits {
  /** A message to a subject. */
  reserveMessage(client: Client, message: MessageDemand): Promise<Reservation | Refusal>;
  /**
   * Another message for a verification.
   * @param method undefined: as before
   */
  reserveResend(client: Client, verification: string, method: string | undefined): Promise<Resend | Refusal>;
  /** An attempt on a verification. */
  reserveAttempt(client: Client, verification: string): Promise<Resend | Refusal>;
  /** How much of each limit for everyone is used in its current window, as this process last saw it: 0 to 1, where it refuses 1. */
  usedForEveryone(): Readonly<Record<string, number>>;
}

/** A reservation about a verification. */
export type Resend = Reservation & { readonly record: VerificationRecord };

interface MessageDemand {
  readonly subject: string;
  readonly method: string;
  readonly device: Device | undefined;
}

/**
 * Requests about nothing that one process counts against their addresses in an hour. Each may leave a key; past this they
 * are refused uncounted, so that nobody fills the store by asking about nothing from many addresses.
 */
const NOTHINGS_COUNTED_PER_HOUR = 20_000;
const HOUR_MS = 3_600_000;

/** Refusals that cost their address, and may leave a key for it. */
const ABOUT_NOTHING: ReadonlySet<Refusal['kind']> = new Set(['missing', 'expired', 'exhausted']);

/** The limits over a store. */
export function createLimits(store: LimitStore, terms: AllTerms): Limits {
  const seen = new Map<string, Usage>();
  let nothings = { counted: 0, endsAt: 0 };

  function isNothingCounted(): boolean {
    if (Date.now() >= nothings.endsAt) nothings = { counted: 0, endsAt: Date.now() + HOUR_MS };
    return nothings.counted < NOTHINGS_COUNTED_PER_HOUR;
  }

  const reservationOf = ({ held, record, locks }: Granted): Reservation => ({
    kind: 'granted',
    token: held.demand.token,
    scope: held.scope,
    record,
    locks,
    commit: async (outcome) => {
      if (outcome === 'sent') return store.commitMessage(held);
      await store.commitSuccess(held);
      return undefined;
    },
    release: () => store.release(held),
  });

  async function reserve(demand: Demand): Promise<Reservation | Refusal> {
    const reserved = await store.reserve(demand);
    if (reserved.kind === 'granted') {
      for (const usage of reserved.usage) seen.set(usage.name, usage);
      return reservationOf(reserved);
    }
    if (ABOUT_NOTHING.has(reserved.kind)) nothings.counted += 1;
    if (reserved.kind === 'limited') {
      const { by, waitMs } = reserved;
      const row = demand.terms.everyone.find(({ name }) => name === by);
      if (row) seen.set(row.name, { name: row.name, used: row.points, endsAt: Date.now() + waitMs });
    }
    return reserved;
  }

  const aboutVerification = ({ address, network }: Client, verification: string, method?: string) => ({
    token: randomUUID(),
    address,
    network,
    about: { verification, isCounted: isNothingCounted() },
    method,
  });

  return {
    reserveMessage: ({ address, network }, { subject, method, device }) =>
      reserve({
        token: randomUUID(),
        terms: terms.message,
        address,
        network,
        about: { subject, device },
        method,
      }),
    reserveResend: (client, verification, method) =>
      reserve({ ...aboutVerification(client, verification, method), terms: terms.resend }) as Promise<Resend | Refusal>,
    reserveAttempt: (client, verification) =>
      reserve({ ...aboutVerification(client, verification), terms: terms.attempt }) as Promise<Resend | Refusal>,
    usedForEveryone: () =>
      Object.fromEntries(
        terms.message.everyone.map(({ name, points }) => {
          const { used, endsAt } = seen.get(name) ?? { used: 0, endsAt: 0 };
          return [name, Date.now() < endsAt ? used / points : 0];
        }),
      ),
  };
}
