import { countryRow, creditCost } from '@/lib/store/charges';
import type { CreditGroup, CreditRow, CreditTerms, Demand, Objection, Row, Taken } from '@/lib/store/limits';
import type { Destination, Scope } from '@/lib/store/verifications';
import {
  type Bucket,
  bucketEndsAt,
  codesOf,
  countCode,
  levelOf,
  newBucket,
  putCredit,
  type Shortage,
  shortageOf,
  takeCredit,
} from './bucket';
import { assertRoom, type MemoryState } from './state';
import { dropEnded, releaseWindow, takeWindow, windowWait } from './windows';

/** A message, with its sender and its destination. */
export interface Message {
  readonly demand: Pick<Demand, 'terms' | 'address' | 'site' | 'network' | 'pass'>;
  readonly scope: Scope;
  readonly method: string;
  readonly destination: Destination | undefined;
}

/** A bucket that a message takes credit from. */
interface Charge {
  readonly group: CreditGroup;
  readonly key: string;
  readonly row: CreditRow;
  readonly cost: number;
}

const CLIENT_GROUPS = ['address', 'site', 'network'] as const;

/** A limit for the destination, and the bucket that counts it. */
interface Cap {
  readonly key: string;
  readonly bucket: CreditRow;
  readonly row: Row;
}

/** Everything that the guard checks for a message. */
export interface Account {
  readonly credit: CreditTerms;
  readonly charges: readonly Charge[];
  readonly caps: readonly Cap[];
  /** Codes verified recently in the country. */
  readonly codes: number;
  readonly isNewCountry: boolean;
}

export type NamedShortage = Shortage & { readonly by: string };

/** The guard's verdict on a message. */
export interface Judgement {
  readonly blocks: readonly NamedShortage[];
  /** The hardest challenge that is due. */
  readonly challenge: NamedShortage | undefined;
}

const keyOf = (group: CreditGroup, id: string) => `${group} ${id}`;

/** Picks the hardest challenge, or the first of equally hard ones, and gives it the longest wait of all. */
export function hardestOf(challenges: readonly NamedShortage[]): NamedShortage | undefined {
  const level = Math.max(...challenges.map((one) => one.level));
  const hardest = challenges.find((one) => one.level === level);
  return hardest && { ...hardest, waitMs: Math.max(...challenges.map(({ waitMs }) => waitMs)) };
}

/** The effects of one message: what it takes from buckets, and where it counts. */
class Bill {
  readonly charges: Charge[] = [];
  readonly caps: Cap[] = [];
  readonly #destination: Destination;
  readonly #method: string;
  readonly #isStranger: boolean;

  constructor({ scope, method }: Message, destination: Destination) {
    this.#destination = destination;
    this.#method = method;
    this.#isStranger = scope === 'strangers';
  }

  /** Charges the client's own buckets; a known device pays nothing. */
  addClient(demand: Message['demand'], credit: CreditTerms): void {
    for (const group of CLIENT_GROUPS) this.#charge(group, demand[group], credit[group], credit.unitPrice);
  }

  addDestination(group: 'range' | 'block' | 'country', bucket: CreditRow, rows: readonly Row[]): void {
    const key = this.#charge(group, this.#destination[group], bucket, this.#destination.unitPrice);
    for (const row of rows) this.caps.push({ key, bucket, row });
  }

  #charge(group: CreditGroup, id: string | undefined, row: CreditRow, unitPrice: number): string {
    if (id === undefined) return '';
    const key = keyOf(group, id);
    if (this.#isStranger) {
      const cost = creditCost(this.#destination, this.#method, unitPrice, row);
      this.charges.push({ group, key, row, cost });
    }
    return key;
  }
}

const NONE: readonly never[] = [];

const NO_OBJECTION: Judgement = { blocks: [], challenge: undefined };

/** The guard against SMS pumping in this process. */
export function createMemoryGuard({ buckets, passes, now }: MemoryState) {
  /** Changes a bucket, and keeps it for as long as it matters. */
  function change(key: string, row: CreditRow, { halfLifeMs }: CreditTerms, act: (bucket: Bucket) => void): void {
    const at = now();
    const bucket = buckets.get(key, at) ?? newBucket();
    act(bucket);
    const endsAt = bucketEndsAt(bucket, row, halfLifeMs);
    if (endsAt <= at) buckets.delete(key);
    else buckets.set(key, bucket, endsAt);
  }

  /** Undefined if the guard is off, or if messages cost nothing. */
  function accountOf(message: Message): Account | undefined {
    const { demand, destination } = message;
    const { credit, range, block } = demand.terms;
    if (!credit || !destination) return undefined;
    const codes = codesOf(buckets.get(keyOf('country', destination.country)), credit.halfLifeMs, now());
    const { row, isNew, isHome } = countryRow(credit, destination.country, codes);
    const bill = new Bill(message, destination);
    bill.addClient(demand, credit);
    bill.addDestination('range', isHome ? credit.homeRange : credit.range, isHome ? NONE : range);
    if (!isHome) bill.addDestination('block', credit.block, block);
    bill.addDestination('country', row, demand.pass?.kind === 'waited' && credit.waits ? [credit.waits] : NONE);
    return { credit, charges: bill.charges, caps: bill.caps, codes, isNewCountry: isNew };
  }

  /** Whether it is the range's first verified code today. */
  function takeFirstOfDay({ windows }: Bucket, { firstOfDay }: CreditTerms): boolean {
    if (windowWait(windows, firstOfDay.field, firstOfDay, now()) > 0) return false;
    takeWindow(windows, firstOfDay.field, firstOfDay, now());
    return true;
  }

  return {
    accountOf,

    isSpent: (pass: Demand['pass']): boolean => pass !== undefined && passes.get(pass.id) !== undefined,

    capWaits: ({ caps }: Account): readonly { waitMs: number; by: string }[] =>
      caps.map(({ key, row }) => ({
        waitMs: windowWait(buckets.get(key)?.windows, row.field, row, now()),
        by: row.name,
      })),

    judge({ charges }: Account): Judgement {
      const at = now();
      const shortages: NamedShortage[] = [];
      for (const { key, row, cost } of charges) {
        const shortage = shortageOf(row, levelOf(buckets.get(key, at), row, at), cost);
        if (shortage) shortages.push({ ...shortage, by: row.name });
      }
      if (shortages.length === 0) return NO_OBJECTION;
      return {
        blocks: shortages.filter(({ verdict }) => verdict === 'block'),
        challenge: hardestOf(shortages.filter(({ verdict }) => verdict === 'challenge')),
      };
    },

    assertRoom({ charges, caps }: Account, pass: Demand['pass']): void {
      for (const { key } of charges) assertRoom(buckets, key);
      for (const { key } of caps) assertRoom(buckets, key);
      if (pass) assertRoom(passes, pass.id);
    },

    take({ credit, charges, caps }: Account, pass: Demand['pass']): Taken {
      const taken: Partial<Record<keyof Taken, number>> = pass?.kind === 'waited' ? { waits: 1 } : {};
      for (const { group, key, row, cost } of charges)
        change(key, row, credit, (bucket) => {
          taken[group] = takeCredit(bucket, row, cost, now());
        });
      for (const { key, bucket: of, row } of caps)
        change(key, of, credit, (bucket) => {
          dropEnded(bucket.windows, now());
          takeWindow(bucket.windows, row.field, row, now());
        });
      if (pass) passes.set(pass.id, true, now() + pass.ttlMs);
      return taken;
    },

    release(message: Message, taken: Taken, takenAt: number): void {
      const account = accountOf(message);
      if (!account) return;
      const { credit, charges, caps } = account;
      for (const { group, key, row } of charges)
        change(key, row, credit, (bucket) => putCredit(bucket, row, taken[group] ?? 0, now()));
      for (const { key, bucket: of, row } of caps)
        change(key, of, credit, (bucket) => releaseWindow(bucket.windows, row.field, row, takenAt));
      const { pass } = message.demand;
      if (pass) passes.delete(pass.id);
    },

    /**
     * The code was correct: a stranger gets the credit back, and the message no longer counts as unverified, whoever
     * requested it.
     */
    refill(message: Message): void {
      const account = accountOf(message);
      if (!account) return;
      const { credit, charges, caps } = account;
      let isFirst = false;
      for (const { group, key, row, cost } of charges)
        change(key, row, credit, (bucket) => {
          putCredit(bucket, row, cost * row.returned, now());
          if (group === 'range') isFirst = takeFirstOfDay(bucket, credit);
          if (group === 'country' && isFirst) countCode(bucket, credit.halfLifeMs, now());
        });
      for (const { key, bucket: of, row } of caps)
        if (row.isReturned) change(key, of, credit, (bucket) => releaseWindow(bucket.windows, row.field, row, now()));
    },
  };
}

export type MemoryGuard = ReturnType<typeof createMemoryGuard>;

/** The refusal that would have happened, for the mode that only records. */
export function objectionOf({ blocks: [block], challenge }: Judgement): Objection | undefined {
  const found = block ?? challenge;
  return found && { verdict: found.verdict, by: found.by };
}
