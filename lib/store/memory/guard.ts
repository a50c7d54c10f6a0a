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

/** A message, by whom and to where. */
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

/** Limits of the destination, and the bucket that counts them. */
interface Cap {
  readonly key: string;
  readonly bucket: CreditRow;
  readonly row: Row;
}

/** What the guard holds a message against. */
export interface Account {
  readonly credit: CreditTerms;
  readonly charges: readonly Charge[];
  readonly caps: readonly Cap[];
  /** Codes verified recently in the country. */
  readonly codes: number;
  readonly isNewCountry: boolean;
}

export type NamedShortage = Shortage & { readonly by: string };

/** What the guard says of a message. */
export interface Judgement {
  readonly blocks: readonly NamedShortage[];
  /** The hardest challenge that is due. */
  readonly challenge: NamedShortage | undefined;
}

const keyOf = (group: CreditGroup, id: string) => `${group} ${id}`;

/** Of equally hard ones the first, with the longest wait of all. */
export function hardestOf(challenges: readonly NamedShortage[]): NamedShortage | undefined {
  const level = Math.max(...challenges.map((one) => one.level));
  const hardest = challenges.find((one) => one.level === level);
  return hardest && { ...hardest, waitMs: Math.max(...challenges.map(({ waitMs }) => waitMs)) };
}

/** Buckets of the client's, for strangers. */
function clientCharges({ demand, method }: Message, credit: CreditTerms, destination: Destination): Charge[] {
  return (['address', 'site', 'network'] as const).flatMap((group) => {
    const id = demand[group];
    const row = credit[group];
    const cost = creditCost(destination, method, credit.unitPrice, row);
    return id === undefined ? [] : [{ group, key: keyOf(group, id), row, cost }];
  });
}

/** The guard against SMS pumping in this process. */
export function createMemoryGuard({ buckets, passes, now }: MemoryState) {
  /** Changes a bucket, and keeps it while it matters. */
  function change(key: string, row: CreditRow, { halfLifeMs }: CreditTerms, act: (bucket: Bucket) => void): void {
    const bucket = buckets.get(key) ?? newBucket();
    act(bucket);
    const endsAt = bucketEndsAt(bucket, row, halfLifeMs);
    if (endsAt <= now()) buckets.delete(key);
    else buckets.set(key, bucket, endsAt);
  }

  /** Undefined where the guard is off, or messages cost nothing. */
  function accountOf(message: Message): Account | undefined {
    const { demand, destination, scope, method } = message;
    const { credit, range, block } = demand.terms;
    if (!credit || !destination) return undefined;
    const codes = codesOf(buckets.get(keyOf('country', destination.country)), credit.halfLifeMs, now());
    const country = countryRow(credit, destination.country, codes);
    const groups = [
      { group: 'range', bucket: country.isHome ? credit.homeRange : credit.range, rows: country.isHome ? [] : range },
      ...(country.isHome ? [] : [{ group: 'block', bucket: credit.block, rows: block } as const]),
      {
        group: 'country',
        bucket: country.row,
        rows: demand.pass?.kind === 'waited' && credit.waits ? [credit.waits] : [],
      },
    ] as const;
    const cost = (row: CreditRow) => creditCost(destination, method, destination.unitPrice, row);
    const destinationCharges = groups.map(({ group, bucket: row }) => ({
      group,
      key: keyOf(group, destination[group]),
      row,
      cost: cost(row),
    }));
    return {
      credit,
      charges: scope === 'strangers' ? [...clientCharges(message, credit, destination), ...destinationCharges] : [],
      caps: groups.flatMap(({ group, bucket, rows }) =>
        rows.map((row) => ({ key: keyOf(group, destination[group]), bucket, row })),
      ),
      codes,
      isNewCountry: country.isNew,
    };
  }

  /** Whether it is the first code of a range today. */
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
      const shortages = charges.flatMap(({ key, row, cost }): NamedShortage[] => {
        const shortage = shortageOf(row, levelOf(buckets.get(key), row, now()), cost);
        return shortage ? [{ ...shortage, by: row.name }] : [];
      });
      return {
        blocks: shortages.filter(({ verdict }) => verdict === 'block'),
        challenge: hardestOf(shortages.filter(({ verdict }) => verdict === 'challenge')),
      };
    },

    assertRoom({ charges, caps }: Account, pass: Demand['pass']): void {
      for (const { key } of [...charges, ...caps]) assertRoom(buckets, key);
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

    /** A code was right: a stranger's credit comes back, and nobody's messages stay counted. */
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

/** What would have been refused, as records say it. */
export function objectionOf({ blocks: [block], challenge }: Judgement): Objection | undefined {
  const found = block ?? challenge;
  return found && { verdict: found.verdict, by: found.by };
}
