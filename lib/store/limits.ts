import type { Destination, Scope, Standing, VerificationRecord } from './verifications';

/** At most so many in a window that the first one opens. */
export interface Row {
  /** As logs and metrics name it. */
  readonly name: string;
  /** As the store names it: a capital, since the store's own fields are not. */
  readonly field: string;
  readonly points: number;
  readonly windowMs: number;
  /** What one request takes. */
  readonly cost: number;
  /** The only method it counts; undefined for all. */
  readonly method?: string;
  /** Costs the message's price in place of `cost`. */
  readonly isPriced?: true;
  /** Counts messages to countries without customers only, see `CreditTerms.countries`. */
  readonly isForNewCountries?: true;
  /** Strangers' messages past so many need a solved challenge. */
  readonly doubtFrom?: number;
  /** In place of `points`, for strangers: the rest is for known devices. */
  readonly pointsForStrangers?: number;
  /** A verified code gives it back. */
  readonly isReturned?: true;
}

/** A bucket of credit. A message takes credit out, time and verified codes put it back. */
export interface CreditRow {
  /** As logs and metrics name it. */
  readonly name: string;
  readonly capacity: number;
  readonly refillPerMs: number;
  /** What a verified code gives back, as a multiple of what its message cost: one divided by the share of codes that have to be verified. */
  readonly returned: number;
  /** What happens to a message that there is not enough credit for. */
  readonly whenEmpty: Verdict;
  /** Credit that messages with a solved challenge may take beyond what there is. */
  readonly debt: number;
  /** What happens beyond the debt; a `challenge` that is solved then takes no more. */
  readonly whenOwing: Verdict;
}

/** `challenge`: it goes out once a challenge is solved. */
export type Verdict = 'block' | 'challenge';

/** What a bucket is kept of. `site` is an IPv6 /56; `range` and `block` are numbers that differ in their last four and six digits. */
export type CreditGroup = 'address' | 'site' | 'network' | 'range' | 'block' | 'country';

/** The guard against SMS pumping; see docs/fraud-guard.md. Strangers' messages need credit in every bucket; those of known devices in none. */
export interface CreditTerms {
  /** `record`: nothing is refused, and a message that would have been says so. */
  readonly mode: 'enforce' | 'record';
  readonly address: CreditRow;
  readonly site: CreditRow;
  readonly network: CreditRow;
  readonly range: CreditRow;
  /** In its place in the home country, where no cap counts ranges either. */
  readonly homeRange: CreditRow;
  readonly block: CreditRow;
  /**
   * By how many codes were verified there recently, the fewest first, from 0. The last is the home country's. Countries of the first
   * are without customers.
   */
  readonly countries: readonly (CreditRow & { readonly from: number })[];
  /** ISO 3166-1 alpha-2; undefined where the service has none. */
  readonly home: string | undefined;
  /** In so long the count of codes that were verified in a country halves. */
  readonly halfLifeMs: number;
  /** A range of numbers counts once a day: nobody makes a country by one range. */
  readonly firstOfDay: Row;
  /** A method that needs so many codes verified recently in the country; undefined where none does. */
  readonly proven: { readonly method: string; readonly codes: number } | undefined;
  /** The price of a message that takes one credit of an address. */
  readonly unitPrice: number;
  /** Messages that may pass by a wait in place of a solution, for each country; undefined where nothing is refused. */
  readonly waits?: Row;
}

/** What lets a message pass where a challenge is asked for. */
export interface Pass {
  /** Each id counts once. */
  readonly id: string;
  /** A challenge was solved, or a wait has ended. */
  readonly kind: 'solved' | 'waited';
  /** Of the challenge: it passes one that is due by now and at most one harder. */
  readonly level: number;
  /** How long the id has to be remembered. */
  readonly ttlMs: number;
}

/** When wrong codes lock a subject: see `LOCK` in `lib/limits/policies.ts`. */
export interface LockTerms {
  /** Wrong codes in a row that lock, each time again. */
  readonly every: number;
  /** The first lock; each further one lasts twice as long. */
  readonly firstMs: number;
  readonly longestMs: number;
  /** Wrong codes in a row after which only an operator lifts the lock. */
  readonly forGoodAfter: number;
  /** How long wrong codes are remembered after the last one. */
  readonly memoryMs: number;
  /** How long a lock for good is kept. */
  readonly forGoodMs: number;
}

/** What one kind of request is held against. */
export interface Terms {
  readonly address: readonly Row[];
  readonly network: readonly Row[];
  /** In each scope of the subject. */
  readonly number: readonly Row[];
  /** For strangers, by the network they come from. */
  readonly numberByNetwork: readonly Row[];
  /** For known devices of the subject, over all of them. */
  readonly allDevices: readonly Row[];
  readonly everyone: readonly Row[];
  /** By the range and the block that the number is of. */
  readonly range: readonly Row[];
  readonly block: readonly Row[];
  /** Undefined where the guard is off. */
  readonly credit?: CreditTerms | undefined;
  /** Where it is full, known devices are strangers. A row of attempts, counted where it is in `allDevices`. */
  readonly deviceLock: Row;
  readonly lock: LockTerms;
  /** Of a request that sends a message. */
  readonly message?: {
    /** Waits after the first, second, … message; the last repeats. */
    readonly cooldownsMs: readonly number[];
    /** After so long without a message the cooldowns start from the first again. */
    readonly cooldownMemoryMs: number;
    /** How long the message may be in flight. */
    readonly holdMs: number;
  };
  /** Of a request that tries a code. */
  readonly attempt?: {
    readonly maxAttempts: number;
    /** How long the attempt may be in flight. */
    readonly holdMs: number;
  };
}

/** A device that says it is known to a subject. Its signature was checked; whether it was erased since the store knows. */
export interface Device {
  readonly id: string;
  /** Epoch milliseconds. */
  readonly issuedAt: number;
}

/** What one request asks of the limits: for a subject, or for that of a verification. */
export interface Demand {
  /** Names the reservation. */
  readonly token: string;
  readonly terms: Terms;
  /** As limits count the client, see `lib/http/client-address.ts`. */
  readonly address: string;
  readonly network: string;
  /** Between the two; undefined where there is nothing between. */
  readonly site?: string | undefined;
  /** For a message that is asked to solve a challenge. */
  readonly pass?: Pass | undefined;
  readonly about:
    | { readonly subject: string; readonly device: Device | undefined; readonly destination?: Destination | undefined }
    | {
        /** Key of a verification. */
        readonly verification: string;
        /** Whether one that is not there costs the address. */
        readonly isCounted: boolean;
      };
  /** Undefined: that of the verification. */
  readonly method?: string | undefined;
}

/** A reservation: what was taken, until it is committed or released. */
export interface Held {
  readonly demand: Demand;
  readonly subject: string;
  readonly scope: Scope;
  readonly method: string;
  readonly destination: Destination | undefined;
  /** Credit that was taken, by group. */
  readonly taken: Taken;
  /** Whether the message went to a country without customers. */
  readonly isNewCountry?: boolean;
  /** When it was taken, by the clock of the Redis that took it. */
  readonly takenAt?: number;
}

/** With `waits` where the message passed by a wait that counts. */
export type Taken = Readonly<Partial<Record<CreditGroup | 'waits', number>>>;

/** How much of a limit for everyone is used. */
export interface Usage {
  readonly name: string;
  /** In the window so far. */
  readonly used: number;
  /** What of it this request took. */
  readonly cost: number;
  /** Epoch milliseconds, by this process' clock. */
  readonly endsAt: number;
}

/** What the guard has to say of a message. */
export interface Objection {
  readonly verdict: Verdict;
  /** The row. */
  readonly by: string;
}

export type Refusal =
  /** `by`: the row that makes it wait longest; undefined for the cooldown, or a message in flight. */
  | {
      readonly kind: 'limited';
      readonly waitMs: number;
      readonly by: string | undefined;
      readonly record?: VerificationRecord | undefined;
    }
  /** `waitMs` is undefined where only an operator lifts it. */
  | {
      readonly kind: 'locked';
      readonly waitMs: number | undefined;
      readonly record?: VerificationRecord | undefined;
    }
  /** A message that goes out once a challenge is solved. */
  | {
      readonly kind: 'challenge';
      readonly by: string;
      /** How hard, from 1 to 4: the emptier the bucket, the harder. */
      readonly level: number;
      /** Until there is credit again. */
      readonly waitMs: number;
      readonly record?: VerificationRecord | undefined;
    }
  /** A call to a country where hardly any code was verified recently. */
  | { readonly kind: 'no-calls'; readonly record?: VerificationRecord | undefined }
  | { readonly kind: 'missing' }
  /** Of an attempt. `busy`: another one is in flight. */
  | { readonly kind: 'expired' | 'exhausted' | 'busy'; readonly record: VerificationRecord };

export interface Granted {
  readonly kind: 'granted';
  readonly held: Held;
  /** Of a demand about a verification. */
  readonly record?: VerificationRecord | undefined;
  /** Whether this attempt locks the subject unless it is right. */
  readonly locks: boolean;
  readonly usage: readonly Usage[];
  /** What would have refused it, were the guard enforced. */
  readonly objection?: Objection | undefined;
  /** Codes verified recently in the country of a stranger's message. */
  readonly customers?: number | undefined;
}

/**
 * Every limit, and the state of every subject that limits protect. `reserve` is atomic: all is checked first, and only if
 * all passes is anything taken; of any number of parallel requests, by any number of processes, those that fit are granted.
 * Times are the store's own, so that processes whose clocks differ agree. On a Redis Cluster each group of keys is one
 * atomic step, see `redis/stepwise.ts`.
 *
 * A refusal writes nothing, except that a demand about a verification that is missing, expired or exhausted costs its address.
 * Every operation throws an AppError STORE_UNAVAILABLE where the store does not answer, or is full and has no room for
 * somebody new.
 */
export interface LimitStore {
  /** Takes one of everything that the demand is held against. What is neither committed nor released lapses. */
  reserve(demand: Demand): Promise<Granted | Refusal>;
  /**
   * The message left, or may have: its cooldown runs from the reservation, and the next one is longer.
   * @returns where the subject stands then
   */
  commitMessage(held: Held): Promise<Standing>;
  /**
   * The code was right: the scope's wrong codes are forgotten, and its cooldowns start from the first again. A stranger's gives
   * credit back: to the address that the code came from, and to where the message went. Anybody's no longer counts there as unverified.
   */
  commitSuccess(held: Held): Promise<void>;
  /** As if nothing had been asked. What is left empty by it is gone. */
  release(held: Held): Promise<void>;
  /** Forgets the wrong codes for a subject in every scope, and lifts its locks. */
  unlock(subject: string): Promise<void>;
}
