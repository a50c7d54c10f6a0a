import type { Destination, Scope, Standing, VerificationRecord } from './verifications';

/** A limit: a number of points in a fixed window, which the first request opens. */
export interface Row {
  /** Name in logs and metrics. */
  readonly name: string;
  /** Name in the store: capital letters, since the store's own fields are lower case. */
  readonly field: string;
  readonly points: number;
  readonly windowMs: number;
  /** Points that one request takes. */
  readonly cost: number;
  /** The only method that the row counts; undefined for all. */
  readonly method?: string;
  /** Takes the message's price instead of `cost`. */
  readonly isPriced?: true;
  /** Counts only messages to countries without customers, see `CreditTerms.countries`. */
  readonly isForNewCountries?: true;
  /** Above this count, strangers' messages must pass a challenge. */
  readonly doubtFrom?: number;
  /** The limit for strangers, in place of `points`: the rest is for known devices. */
  readonly pointsForStrangers?: number;
  /** A request no longer counts once its code has been entered correctly. */
  readonly isReturned?: true;
}

/** A bucket of credit. Messages take credit out; time and verified codes put it back. */
export interface CreditRow {
  /** Name in logs and metrics. */
  readonly name: string;
  readonly capacity: number;
  readonly refillPerMs: number;
  /**
   * What a verified code puts back into the bucket, as a multiple of its message's cost: one divided by the share of
   * codes that people have to verify.
   */
  readonly returned: number;
  /** The verdict on a message when the credit runs out. */
  readonly whenEmpty: Verdict;
  /** Credit that messages with a solved challenge may take once the bucket is empty. */
  readonly debt: number;
  /**
   * The verdict beyond the debt. If that is `challenge`, messages with a solved challenge still pass, and take no more
   * credit.
   */
  readonly whenOwing: Verdict;
}

/** `challenge`: the message leaves once a challenge is solved. */
export type Verdict = 'block' | 'challenge';

/**
 * What a bucket belongs to. `site` is an IPv6 /56; `range` and `block` are numbers that differ only in their last four
 * and six digits.
 */
export type CreditGroup = 'address' | 'site' | 'network' | 'range' | 'block' | 'country';

/**
 * The guard against SMS pumping; see docs/fraud-guard.md. Strangers' messages need credit in every bucket; messages of
 * known devices need none.
 */
export interface CreditTerms {
  /** `record`: refuses nothing, and reports each message that it would have refused. */
  readonly mode: 'enforce' | 'record';
  readonly address: CreditRow;
  readonly site: CreditRow;
  readonly network: CreditRow;
  readonly range: CreditRow;
  /** Replaces `range` where the last of `countries` applies. No other limit counts ranges or blocks there. */
  readonly homeRange: CreditRow;
  readonly block: CreditRow;
  /**
   * Buckets by the number of codes verified in a country recently, in ascending order, starting at 0. The last one is
   * also the home country's. A country to which the first one applies counts as one without customers.
   */
  readonly countries: readonly (CreditRow & { readonly from: number })[];
  /** ISO 3166-1 alpha-2; undefined if the service has none. */
  readonly home: string | undefined;
  /** The half-life of a country's count of verified codes. */
  readonly halfLifeMs: number;
  /** Counts each range of numbers once a day, so that nobody can make a country count as proven with one range. */
  readonly firstOfDay: Row;
  /** A method that needs this many recently verified codes in the country; undefined if no method does. */
  readonly proven: { readonly method: string; readonly codes: number } | undefined;
  /** The price of a message that takes one credit of an address. */
  readonly unitPrice: number;
  /**
   * How many messages per country may pass with a wait instead of a solution; undefined if the guard refuses nothing.
   */
  readonly waits?: Row;
}

/** A solution or a wait, which lets a message pass when a challenge is due. */
export interface Pass {
  /** Each id counts once. */
  readonly id: string;
  /** Whether the client solved a challenge, or a wait has ended. */
  readonly kind: 'solved' | 'waited';
  /** Level of the challenge. It is enough if the challenge that is due by now is at most one level harder. */
  readonly level: number;
  /** How long the store has to remember the id. */
  readonly ttlMs: number;
}

/** When wrong codes lock a subject: see `LOCK` in `lib/limits/policies.ts`. */
export interface LockTerms {
  /** How many wrong codes in a row lock the subject. As many more lock it again. */
  readonly every: number;
  /** Duration of the first lock. Each further lock lasts twice as long as the one before, up to `longestMs`. */
  readonly firstMs: number;
  readonly longestMs: number;
  /** After how many wrong codes in a row only an operator can lift the lock. */
  readonly forGoodAfter: number;
  /** How long the store remembers wrong codes after the last one. */
  readonly memoryMs: number;
  /** How long the store keeps a permanent lock. */
  readonly forGoodMs: number;
}

/** The terms for one kind of request. */
export interface Terms {
  readonly address: readonly Row[];
  readonly network: readonly Row[];
  /** Counted in each scope of the subject. */
  readonly number: readonly Row[];
  /** Counted for strangers, by the network that they come from. */
  readonly numberByNetwork: readonly Row[];
  /** Counted for all known devices of the subject together. */
  readonly allDevices: readonly Row[];
  readonly everyone: readonly Row[];
  /** Counted for the range and the block of the number. */
  readonly range: readonly Row[];
  readonly block: readonly Row[];
  /** Undefined if the guard is off. */
  readonly credit?: CreditTerms | undefined;
  /** Counts the wrong codes of all known devices together. Once it is full, known devices count as strangers. */
  readonly deviceLock: Row;
  readonly lock: LockTerms;
  /** Terms of a request that sends a message. */
  readonly message?: {
    /** Waits after the first, second, … message; the last repeats. */
    readonly cooldownsMs: readonly number[];
    /** After this long without a message, the cooldowns start over. */
    readonly cooldownMemoryMs: number;
    /** How long the message may be in flight. */
    readonly holdMs: number;
  };
  /** Terms of a request that tries a code, of a verification or of another factor. */
  readonly attempt?: {
    readonly maxAttempts: number;
    /** How long the attempt may be in flight. */
    readonly holdMs: number;
  };
}

/**
 * A device that claims to be known to a subject. The caller has checked its signature; only the store knows whether the
 * subject's data was erased since.
 */
export interface Device {
  readonly id: string;
  /** Epoch milliseconds. */
  readonly issuedAt: number;
}

/** A program with an API key, and the limits that it has for itself. */
export interface Program {
  readonly id: string;
  /** The same array for each request. */
  readonly rows: readonly Row[];
}

/** One request's demand on the limits: for a subject, or for the subject of a verification. */
export interface Demand {
  /** Id of the reservation. */
  readonly token: string;
  readonly terms: Terms;
  /** The client's address, in the forms of `lib/http/client-address.ts`. */
  readonly address: string;
  readonly network: string;
  /** The IPv6 /56, which many providers give to a household; undefined for IPv4. */
  readonly site?: string | undefined;
  /** For a message that may need a challenge. */
  readonly pass?: Pass | undefined;
  /** The program that asks for a message with an API key; undefined for everybody else. */
  readonly program?: Program | undefined;
  readonly about:
    | { readonly subject: string; readonly device: Device | undefined; readonly destination?: Destination | undefined }
    | {
        /** Key of a verification. */
        readonly verification: string;
        /** Whether a request about a missing verification counts against the address. */
        readonly isCounted: boolean;
      };
  /** Undefined for the method of the verification. */
  readonly method?: string | undefined;
}

/** A reservation: what it has taken, until it is committed or released. */
export interface Held {
  readonly demand: Demand;
  readonly subject: string;
  readonly scope: Scope;
  readonly method: string;
  readonly destination: Destination | undefined;
  /** Credit taken, by group. */
  readonly taken: Taken;
  /** Whether the message went to a country without customers. */
  readonly isNewCountry?: boolean;
  /** Time of the reservation, by the store's clock: in Redis, that of the node that made it. */
  readonly takenAt: number;
}

/** Includes `waits` if the message passed with a wait that counts. */
export type Taken = Readonly<Partial<Record<CreditGroup | 'waits', number>>>;

/** How much of a global limit or a budget is used. */
export interface Usage {
  readonly name: string;
  /** Points used in the window so far. */
  readonly used: number;
  /** The points that this request took. */
  readonly cost: number;
  /** Epoch milliseconds, by this process's clock. */
  readonly endsAt: number;
}

/** The guard's verdict on a message. */
export interface Objection {
  readonly verdict: Verdict;
  /** Name of the row. */
  readonly by: string;
}

export type Refusal =
  /** `by`: the row with the longest wait; undefined for the cooldown, or a message in flight. */
  | {
      readonly kind: 'limited';
      readonly waitMs: number;
      readonly by: string | undefined;
      readonly record?: VerificationRecord | undefined;
    }
  /** `waitMs` is undefined if only an operator can lift the lock. */
  | {
      readonly kind: 'locked';
      readonly waitMs: number | undefined;
      readonly record?: VerificationRecord | undefined;
    }
  /** A message that may go out once a challenge is solved. */
  | {
      readonly kind: 'challenge';
      readonly by: string;
      /** How hard, from 1 to 4: the less credit or budget is left, the harder. */
      readonly level: number;
      /** Milliseconds until the message passes without a challenge. */
      readonly waitMs: number;
      readonly record?: VerificationRecord | undefined;
    }
  /** A call to a country where hardly any codes were verified recently. */
  | { readonly kind: 'no-calls'; readonly record?: VerificationRecord | undefined }
  | { readonly kind: 'missing' }
  /** The verdict on an attempt. `busy`: another attempt is in flight. */
  | { readonly kind: 'expired' | 'exhausted' | 'busy'; readonly record: VerificationRecord };

export interface Granted {
  readonly kind: 'granted';
  readonly held: Held;
  /** The verification at the time of the reservation; undefined if the demand named a subject. */
  readonly record?: VerificationRecord | undefined;
  /** Whether this attempt locks the subject unless it is correct. */
  readonly locks: boolean;
  readonly usage: readonly Usage[];
  /** Why the guard would have refused the message, if it were enforced. */
  readonly objection?: Objection | undefined;
  /** Codes verified recently in the message's country; undefined if the guard is off. */
  readonly customers?: number | undefined;
}

/**
 * Every limit, and the state of every subject that limits protect. `reserve` is atomic: it checks everything first, and
 * takes something only if everything passes. Of any number of parallel requests, by any number of processes, it grants
 * those that fit. Times are the store's own, so that processes agree even if their clocks differ. On a Redis Cluster,
 * and during a change of the privacy key, each group of keys is one atomic step, see `redis/stepwise.ts`.
 *
 * A refusal writes nothing, with one exception: a demand about a verification that is missing, expired or exhausted can
 * count against its address. Every operation throws an AppError STORE_UNAVAILABLE if the store does not answer, or if
 * it is full and has no room for a new client or subject.
 */
export interface LimitStore {
  /** Takes a place in every limit that the demand counts in. A reservation that nobody commits or releases lapses. */
  reserve(demand: Demand): Promise<Granted | Refusal>;
  /**
   * Call it if the message left, or may have left: its cooldown runs from the reservation, and the next one is longer.
   * @returns the subject's standing after that
   */
  commitMessage(held: Held): Promise<Standing>;
  /**
   * Call it if the code was correct: the store forgets the scope's wrong codes, and its cooldowns start over. A
   * stranger's code gives credit back: to the client that entered the code, and to the message's destination. The
   * message no longer counts there as unverified, whoever requested it. A guess no longer counts for its network
   * either.
   */
  commitSuccess(held: Held): Promise<void>;
  /**
   * Undoes everything, as if nobody had asked. Entries that this leaves empty disappear. A message and an attempt on a
   * verification have a token, so that a second release changes nothing. Everything else must be released at most once.
   */
  release(held: Held): Promise<void>;
  /** Forgets the wrong codes for a subject in every scope, and lifts its locks. */
  unlock(subject: string): Promise<void>;
}
