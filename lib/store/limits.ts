import type { Scope, Standing, VerificationRecord } from './verifications';

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
  readonly about:
    | { readonly subject: string; readonly device: Device | undefined }
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
  /** By the clock of a store that is several. */
  readonly takenAt?: number;
}

/** How much of a limit for everyone is used. */
export interface Usage {
  readonly name: string;
  /** In the window so far. */
  readonly used: number;
  /** Epoch milliseconds, by this process' clock. */
  readonly endsAt: number;
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
  /** The code was right: the scope's wrong codes are forgotten, and its cooldowns start from the first again. */
  commitSuccess(held: Held): Promise<void>;
  /** As if nothing had been asked. What is left empty by it is gone. */
  release(held: Held): Promise<void>;
  /** Forgets the wrong codes for a subject in every scope, and lifts its locks. */
  unlock(subject: string): Promise<void>;
}
