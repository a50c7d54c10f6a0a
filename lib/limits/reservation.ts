import { randomUUID } from 'node:crypto';
import type { Demand, Device, Granted, LimitStore, Objection, Pass, Refusal, Row, Usage } from '@/lib/store/limits';
import type { Destination, Scope, Standing, VerificationRecord } from '@/lib/store/verifications';
import type { AllTerms } from './terms';

/** Who asks, as limits count it. */
interface Client {
  readonly address: string;
  readonly site?: string | undefined;
  readonly network: string;
}

/** A budget, and the share of it that is spent. */
export interface BudgetAlert {
  readonly budget: string;
  readonly percent: 50 | 80 | 100;
  /** Of what countries without customers get of it. */
  readonly isShare: boolean;
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
  /** What would have refused it, were the guard enforced. */
  readonly objection: Objection | undefined;
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
  reserveResend(
    client: Client,
    verification: string,
    method: string | undefined,
    pass?: Pass | undefined,
  ): Promise<Resend | Refusal>;
  /** An attempt on a verification. */
  reserveAttempt(client: Client, verification: string): Promise<Resend | Refusal>;
  /** How much of each limit for everyone is used in its current window, as this process last saw it: 0 to 1, where it refuses 1. */
  usedForEveryone(): Readonly<Record<string, number>>;
  /** Whether calls go to a country, as far as limits decide it and this process has seen. */
  takesCalls(country: string): boolean;
}

/** A reservation about a verification. */
export type Resend = Reservation & { readonly record: VerificationRecord };

interface MessageDemand {
  readonly subject: string;
  readonly method: string;
  readonly device: Device | undefined;
  readonly destination?: Destination | undefined;
  readonly pass?: Pass | undefined;
}

/**
 * Requests about nothing that one process counts against their addresses in an hour. Each may leave a key; past this they
 * are refused uncounted, so that nobody fills the store by asking about nothing from many addresses.
 */
const NOTHINGS_COUNTED_PER_HOUR = 20_000;
const HOUR_MS = 3_600_000;

/** Refusals that cost their address, and may leave a key for it. */
const ABOUT_NOTHING: ReadonlySet<Refusal['kind']> = new Set(['missing', 'expired', 'exhausted']);

/** Shares of a budget that somebody should know of before it is spent. */
const ALERTED_AT = [50, 80] as const;

/** Ends of the same window differ by the time that replies take. */
const SAME_WINDOW_MS = 5000;

/** A budget of which so much is used has no room for most messages. */
const AS_GOOD_AS_SPENT = 0.9;

/** What this process knows of the limits for everyone. */
function createEveryone(rows: readonly Row[], onBudget: (alert: BudgetAlert) => void) {
  const seen = new Map<string, Usage>();
  /** When what was said of a budget may be said again. */
  const saidUntil = new Map<string, number>();
  const rowOf = (name: string | undefined) => rows.find((row) => row.name === name);

  /** Once in a window: messages that Infobip refuses give money back, and reach a share again. */
  function say({ name, isForNewCountries }: Row, percent: BudgetAlert['percent'], endsAt: number): void {
    const key = `${name} ${percent}`;
    // Another window than the one it was said of: an operator may have lifted that.
    if (endsAt <= (saidUntil.get(key) ?? 0) + SAME_WINDOW_MS) return;
    saidUntil.set(key, endsAt);
    onBudget({ budget: name, percent, isShare: isForNewCountries === true });
  }

  /** The message that reaches a share tells it. After messages that gave their price back, another process may tell it again. */
  function alert(row: Row, { used, cost, endsAt }: Usage): void {
    for (const percent of ALERTED_AT) {
      const share = (row.points * percent) / 100;
      if (used >= share && used - cost < share) say(row, percent, endsAt);
    }
  }

  return {
    see(usage: Usage): void {
      seen.set(usage.name, usage);
      const row = rowOf(usage.name);
      if (row?.isPriced) alert(row, usage);
    },
    /**
     * A refusal writes nothing, so each process says once in a window that the budget is spent. One expensive message that no longer
     * fits says nothing of it.
     */
    seeFull(name: string | undefined, waitMs: number): void {
      const row = rowOf(name);
      if (!row) return;
      const { used, endsAt: seenUntil } = seen.get(row.name) ?? { used: 0, endsAt: 0 };
      if (row.isPriced && seenUntil > Date.now() && used < row.points * AS_GOOD_AS_SPENT) return;
      const endsAt = Date.now() + waitMs;
      seen.set(row.name, { name: row.name, used: row.points, cost: 0, endsAt });
      if (row.isPriced) say(row, 100, endsAt);
    },
    used: () =>
      Object.fromEntries(
        rows.map(({ name, points }) => {
          const { used, endsAt } = seen.get(name) ?? { used: 0, endsAt: 0 };
          return [name, Date.now() < endsAt ? used / points : 0];
        }),
      ),
  };
}

/**
 * The limits over a store.
 * @param onBudget told when half, four fifths and all of a budget are spent
 */
export function createLimits(
  store: LimitStore,
  terms: AllTerms,
  onBudget: (alert: BudgetAlert) => void = () => undefined,
): Limits {
  const everyone = createEveryone(terms.message.everyone, onBudget);
  /** Codes verified recently, by country, as last seen. */
  const customers = new Map<string, number>();
  let nothings = { counted: 0, endsAt: 0 };

  function isNothingCounted(): boolean {
    if (Date.now() >= nothings.endsAt) nothings = { counted: 0, endsAt: Date.now() + HOUR_MS };
    return nothings.counted < NOTHINGS_COUNTED_PER_HOUR;
  }

  const reservationOf = ({ held, record, locks, objection }: Granted): Reservation => ({
    kind: 'granted',
    token: held.demand.token,
    scope: held.scope,
    record,
    locks,
    objection,
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
      const { usage, held } = reserved;
      for (const one of usage) everyone.see(one);
      if (held.destination && reserved.customers !== undefined)
        customers.set(held.destination.country, reserved.customers);
      return reservationOf(reserved);
    }
    if (ABOUT_NOTHING.has(reserved.kind)) nothings.counted += 1;
    if (reserved.kind === 'limited') everyone.seeFull(reserved.by, reserved.waitMs);
    return reserved;
  }

  const aboutVerification = ({ address, site, network }: Client, verification: string) => ({
    token: randomUUID(),
    address,
    site,
    network,
    about: { verification, isCounted: isNothingCounted() },
  });

  return {
    reserveMessage: ({ address, site, network }, { subject, method, device, destination, pass }) =>
      reserve({
        token: randomUUID(),
        terms: terms.message,
        address,
        site,
        network,
        about: { subject, device, destination },
        method,
        pass,
      }),
    reserveResend: (client, verification, method, pass) =>
      reserve({ ...aboutVerification(client, verification), terms: terms.resend, method, pass }) as Promise<
        Resend | Refusal
      >,
    reserveAttempt: (client, verification) =>
      reserve({ ...aboutVerification(client, verification), terms: terms.attempt }) as Promise<Resend | Refusal>,
    usedForEveryone: everyone.used,
    takesCalls(country) {
      const { mode, proven } = terms.message.credit ?? {};
      return mode !== 'enforce' || proven === undefined || (customers.get(country) ?? 0) >= proven.codes;
    },
  };
}
