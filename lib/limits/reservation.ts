import { randomUUID } from 'node:crypto';
import type {
  Demand,
  Device,
  Granted,
  LimitStore,
  Objection,
  Pass,
  Program,
  Refusal,
  Row,
  Usage,
} from '@/lib/store/limits';
import type { Destination, Scope, Standing, VerificationRecord } from '@/lib/store/verifications';
import { type Allowance, createAllowance } from './allowance';
import type { AllTerms } from './terms';

/** The client's address, in the forms of `lib/http/client-address.ts`. */
interface Client {
  readonly address: string;
  readonly site?: string | undefined;
  readonly network: string;
  /** The program that asks on the client's behalf, with an API key. */
  readonly program?: Program | undefined;
}

/** A budget, and the share of it that is spent. */
export interface BudgetAlert {
  readonly budget: string;
  readonly percent: 50 | 80 | 100;
  /** Whether the budget is only the share for countries without customers. */
  readonly isShare: boolean;
}

/**
 * A place in every limit, taken until it is committed or released. If neither happens, the reservation lapses, and the
 * request stays counted.
 */
export interface Reservation {
  readonly kind: 'granted';
  /** Unique name of the reservation. */
  readonly token: string;
  /** The scope whose counts the reservation belongs to. */
  readonly scope: Scope;
  /** The verification at the time of the reservation; undefined if the demand named a subject. */
  readonly record: VerificationRecord | undefined;
  /** Whether this attempt locks the number unless its code is correct. */
  readonly locks: boolean;
  /** Why the guard would have refused the message, if it were enforced. */
  readonly objection: Objection | undefined;
  /**
   * Call it if the message left or may have left, or if the code was correct. A wrong code needs no commit, because it
   * is counted already.
   * @returns the number's standing after that; undefined after an attempt
   */
  commit(outcome: 'sent' | 'verified'): Promise<Standing | undefined>;
  /** Call it if the request certainly had no effect. It then counts as if nobody had asked. */
  release(): Promise<void>;
}

/** Reserves places in the limits, for messages and for attempts. */
export interface Limits {
  /** A message to a subject. */
  reserveMessage(client: Client, message: MessageDemand): Promise<Reservation | Refusal>;
  /**
   * Another message for a verification.
   * @param method undefined for the same as before
   */
  reserveResend(
    client: Client,
    verification: string,
    method: string | undefined,
    pass?: Pass | undefined,
  ): Promise<Resend | Refusal>;
  /** A verification with a factor that nobody can guess. It counts against the client alone, and locks nobody. */
  reserveFactor(client: Client): Promise<Reservation | Refusal>;
  /**
   * A verification with a factor that somebody could guess. It counts as a wrong code for the subject, unless it is
   * committed as verified.
   */
  reserveGuess(client: Client, guess: GuessDemand): Promise<Reservation | Refusal>;
  /** An attempt on a verification. */
  reserveAttempt(client: Client, verification: string): Promise<Resend | Refusal>;
  /**
   * How much of each global limit is used in its current window, as this process last saw it: 0 to 1; at 1 the
   * limit refuses.
   */
  usedForEveryone(): Readonly<Record<string, number>>;
  /** Whether calls may go to a country, as far as that depends on the limits, and as far as this process knows. */
  takesCalls(country: string): boolean;
}

/** A reservation about a verification. */
export type Resend = Reservation & { readonly record: VerificationRecord };

interface GuessDemand {
  readonly subject: string;
  readonly device: Device | undefined;
  /** Whether the subject has anything to guess. If not, only a few guesses count against it. */
  readonly isKnown: boolean;
}

interface MessageDemand {
  readonly subject: string;
  readonly method: string;
  readonly device: Device | undefined;
  readonly destination?: Destination | undefined;
  readonly pass?: Pass | undefined;
}

/**
 * How many requests about missing verifications one process counts against their addresses in an hour. Each may leave a
 * key in the store. Beyond this number, the process refuses them uncounted, so that nobody fills the store with such
 * requests from many addresses.
 */
const NOTHINGS_COUNTED_PER_HOUR = 20_000;

/**
 * The same limit for failed verifications with a factor, which cost nothing. Beyond this number, they count against
 * nobody.
 */
const FAILED_FACTORS_COUNTED_PER_HOUR = 20_000;

/**
 * How many guesses at subjects with nothing to guess one process counts against them in an hour. Each may leave a key
 * for a month, and ten lock the subject. There is nothing to protect, but a few count, so that the replies look like
 * those to other guesses.
 */
const VAIN_GUESSES_COUNTED_PER_HOUR = 20;

const UNCOUNTED: Reservation = {
  kind: 'granted',
  token: '',
  scope: 'strangers',
  record: undefined,
  locks: false,
  objection: undefined,
  commit: async () => undefined,
  release: async () => undefined,
};

/** Refusals that count against the client's address, and may leave a key for it in the store. */
const ABOUT_NOTHING: ReadonlySet<Refusal['kind']> = new Set(['missing', 'expired', 'exhausted']);

/** Shares of a budget, in percent, at which operators get an alert before it is spent. */
const ALERTED_AT = [50, 80] as const;

/** Two estimates of one window's end differ by the time that replies take. */
const SAME_WINDOW_MS = 5000;

/** A budget used up to this share has no room for most messages. */
const AS_GOOD_AS_SPENT = 0.9;

/** This process's knowledge about the global limits. */
function createEveryone(rows: readonly Row[], onBudget: (alert: BudgetAlert) => void) {
  const seen = new Map<string, Usage>();
  /** When the same alert about a budget may be sent again. */
  const saidUntil = new Map<string, number>();
  const rowOf = (name: string | undefined) => rows.find((row) => row.name === name);

  /**
   * Sends the alert once in a window: messages that Infobip refuses give money back, so spending can reach the same
   * share twice.
   */
  function say({ name, isForNewCountries }: Row, percent: BudgetAlert['percent'], endsAt: number): void {
    const key = `${name} ${percent}`;
    // A window that ends later is a new one. It may begin before the last one's end, because an operator may have reset
    // the count.
    if (endsAt <= (saidUntil.get(key) ?? 0) + SAME_WINDOW_MS) return;
    saidUntil.set(key, endsAt);
    onBudget({ budget: name, percent, isShare: isForNewCountries === true });
  }

  /**
   * The message that reaches a share triggers the alert. If messages have given their price back, another process may
   * send the alert again.
   */
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
     * A refusal writes nothing, so each process reports once in a window that the budget is spent. One expensive
     * message that no longer fits does not mean that the budget is spent.
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
 * @param onBudget called when half, four fifths and all of a budget are spent
 */
export function createLimits(
  store: LimitStore,
  terms: AllTerms,
  onBudget: (alert: BudgetAlert) => void = () => undefined,
): Limits {
  const everyone = createEveryone(terms.message.everyone, onBudget);
  /** Codes verified recently, by country, as last seen. */
  const customers = new Map<string, number>();
  const nothings = createAllowance(NOTHINGS_COUNTED_PER_HOUR);
  const failedFactors = createAllowance(FAILED_FACTORS_COUNTED_PER_HOUR);
  const vainGuesses = createAllowance(VAIN_GUESSES_COUNTED_PER_HOUR);

  const reservationOf = ({ held, record, locks, objection }: Granted): Reservation => ({
    kind: 'granted',
    token: held.demand.token,
    scope: held.scope,
    record,
    locks,
    objection,
    commit: async (outcome) => {
      if (outcome === 'sent') return store.commitMessage(held);
      // Other requests leave no wrong codes to forget.
      if (held.demand.terms.attempt) await store.commitSuccess(held);
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
    if (ABOUT_NOTHING.has(reserved.kind)) nothings.take();
    if (reserved.kind === 'limited') everyone.seeFull(reserved.by, reserved.waitMs);
    return reserved;
  }

  /**
   * With a key, a program names the addresses of its clients itself, so its requests about made-up verifications could
   * use up anybody's limits. Such requests do not count.
   */
  const aboutVerification = ({ address, site, network, program }: Client, verification: string) => ({
    token: randomUUID(),
    address,
    site,
    network,
    about: { verification, isCounted: program === undefined && nothings.hasRoom() },
  });

  /**
   * Reserves a request that costs a client nothing but may leave keys. A request that leaves none does not use up the
   * allowance.
   */
  async function reserveWithin(allowance: Allowance, demand: Demand): Promise<Reservation | Refusal> {
    allowance.take();
    const reserved = await reserve(demand);
    if (reserved.kind !== 'granted') {
      allowance.giveBack();
      return reserved;
    }
    return {
      ...reserved,
      commit(outcome) {
        allowance.giveBack();
        return reserved.commit(outcome);
      },
      release() {
        allowance.giveBack();
        return reserved.release();
      },
    };
  }

  /** No row of these terms counts for a subject, so the subject may be anything. */
  async function reserveFactor({ address, site, network }: Client): Promise<Reservation | Refusal> {
    if (!failedFactors.hasRoom()) return UNCOUNTED;
    const about = { subject: address, device: undefined };
    const token = randomUUID();
    const demand = { token, terms: terms.factor, address, site, network, about };
    return reserveWithin(failedFactors, demand);
  }

  return {
    reserveMessage: ({ address, site, network, program }, { subject, method, device, destination, pass }) =>
      reserve({
        token: randomUUID(),
        terms: terms.message,
        address,
        site,
        network,
        about: { subject, device, destination },
        method,
        pass,
        program,
      }),
    reserveResend: (client, verification, method, pass) =>
      reserve({
        ...aboutVerification(client, verification),
        terms: terms.resend,
        method,
        pass,
        program: client.program,
      }) as Promise<Resend | Refusal>,
    reserveAttempt: (client, verification) =>
      reserve({ ...aboutVerification(client, verification), terms: terms.attempt }) as Promise<Resend | Refusal>,
    reserveFactor,
    reserveGuess(client, { subject, device, isKnown }) {
      const { address, site, network } = client;
      const about = { subject, device };
      const demand = { token: randomUUID(), terms: terms.guess, address, site, network, about };
      if (isKnown) return reserve(demand);
      return vainGuesses.hasRoom() ? reserveWithin(vainGuesses, demand) : reserveFactor(client);
    },
    usedForEveryone: everyone.used,
    takesCalls(country) {
      const { mode, proven } = terms.message.credit ?? {};
      return mode !== 'enforce' || proven === undefined || (customers.get(country) ?? 0) >= proven.codes;
    },
  };
}
