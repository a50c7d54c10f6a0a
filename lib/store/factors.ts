import type { FactorType } from '@/lib/contract';

export type { FactorType } from '@/lib/contract';

/** Times are epoch milliseconds. */
export interface Account {
  /** A random UUID. */
  readonly id: string;
  /** E.164. */
  readonly phoneNumber: string;
  /** 32 random bytes in base64url, by which authenticators know the account (WebAuthn Level 3, §14.6.1). */
  readonly userHandle: string;
  /** When a code last showed, together with a factor, that the number is still this person's. */
  readonly phoneVerifiedAt: number;
  readonly createdAt: number;
  readonly lastUsedAt: number;
  /**
   * Each session remembers this value. Removing a factor changes it, and older sessions can no longer manage the
   * account.
   */
  readonly sessionsSince: number;
  /** When a requested reset takes effect; undefined if nobody requested one. */
  readonly resetAt: number | undefined;
}

const DAY_MS = 24 * 60 * 60_000;

/** From a request for a reset until it takes effect. Any use of a factor meanwhile cancels it. */
export const RESET_AFTER_MS = 7 * DAY_MS;
/** How long a reset stays open after that. A forgotten one must not wait for somebody who takes over the number. */
export const RESET_OPEN_MS = 7 * DAY_MS;

/** Whether a reset has taken effect: a code alone may then add a first factor, which replaces the account. */
export const isResetOpen = ({ resetAt }: Pick<Account, 'resetAt'>, now: number): boolean =>
  resetAt !== undefined && resetAt <= now && now < resetAt + RESET_OPEN_MS;

/**
 * How long the server keeps an account that nobody uses: longer than a year, for people who verify only once a year.
 */
export const UNUSED_ACCOUNT_MS = 400 * DAY_MS;

/**
 * Whether a requested reset is still valid: nobody has canceled it, and it either waits or has taken effect and is
 * still open.
 */
export const isResetPending = <A extends Pick<Account, 'resetAt'>>(
  account: A,
  now: number,
): account is A & { readonly resetAt: number } =>
  account.resetAt !== undefined && now < account.resetAt + RESET_OPEN_MS;

/** One way to verify. */
export interface Factor {
  /** A random UUID. */
  readonly id: string;
  readonly type: FactorType;
  /** Chosen by the person, or by us. */
  readonly name: string;
  readonly createdAt: number;
  readonly lastUsedAt: number | undefined;
  /** Whether a passkey is kept on several devices (WebAuthn Level 3, §6.1.3: "backup state"). */
  readonly isSynced: boolean;
}

/** The public half of a passkey. Binary values are base64url. */
export interface PasskeyData {
  readonly type: 'passkey';
  readonly credentialId: string;
  /** A COSE key. */
  readonly publicKey: string;
  /** How often the authenticator says that it has signed; 0 for authenticators that do not count. */
  readonly counter: number;
  readonly transports: readonly string[];
}

/** An authenticator app. */
export interface TotpData {
  readonly type: 'totp';
  /** The shared secret, in base32. */
  readonly secret: string;
  /** The last time step whose code was used (RFC 6238, §5.2). */
  readonly lastStep: number;
}

/** A factor to add. */
export type NewFactor = Pick<Factor, 'id' | 'name' | 'createdAt' | 'isSynced'> & (PasskeyData | TotpData);

/** A factor, with the data to check it. */
export type KnownPasskey = Factor & PasskeyData;
export type KnownTotp = Factor & TotpData;

/** An account and its ways to verify, without their secrets. */
export interface AccountState {
  readonly account: Account;
  /** In the order in which they were added; never empty. */
  readonly factors: readonly Factor[];
  /** How many recovery codes nobody has used. */
  readonly recoveryCodesLeft: number;
}

/** What operators may see of an account, and its owner on request: names and times, never a secret. */
export interface AccountReport extends AccountState {
  /** Whether the account is under an older privacy key. */
  readonly isUnderOldKey: boolean;
}

/** How many accounts need which privacy keys. */
export interface KeyUse {
  readonly accounts: number;
  /** Accounts that need an older key, until `reseal` encrypts them again. */
  readonly underOlderKeys: number;
  /**
   * Accounts under a key that is not configured: nobody can use them, and their numbers look as if they had no account.
   */
  readonly underMissingKeys: number;
}

/** An account, as known to a session that manages it. */
export type ManagedAccount = Pick<Account, 'id' | 'sessionsSince'>;

/** Limits on what one account may have. */
export interface FactorCaps {
  /** The most factors of the new factor's type. */
  readonly most: number;
}

/**
 * Keeps accounts and their factors durably: once a call has returned, its effect survives a crash. The number, secrets
 * of authenticator apps and keys of recovery codes are encrypted. Each operation is one atomic step for all instances
 * on the database, and throws an AppError STORE_UNAVAILABLE if the database does not answer.
 */
export interface FactorStore {
  /** @param phoneNumber E.164 */
  findAccount(phoneNumber: string): Promise<AccountState | undefined>;
  findAccountById(id: string): Promise<AccountState | undefined>;
  /** @param credentialId base64url */
  findPasskey(credentialId: string): Promise<{ account: Account; passkey: KnownPasskey } | undefined>;
  /** Credentials of an account, so that its authenticators do not enroll twice. */
  findCredentials(accountId: string): Promise<readonly Pick<PasskeyData, 'credentialId' | 'transports'>[]>;
  findTotps(accountId: string): Promise<readonly KnownTotp[]>;

  /**
   * Creates an account with its first factor.
   * @param replaces id of an account of the same number that the new account replaces, if the reset of the older
   * account is open when the new one is created
   * @returns `exists` if the number has another account, `duplicate` if somebody already has the credential
   */
  createAccount(account: Account, factor: NewFactor, replaces?: string): Promise<'created' | 'exists' | 'duplicate'>;
  /**
   * Adds a factor, which cancels a reset.
   * @returns `full` if the account has the most factors of this type; `outdated` if the account is gone, or a factor
   * was removed since the session that manages it began
   */
  addFactor(
    account: ManagedAccount,
    factor: NewFactor,
    caps: FactorCaps,
  ): Promise<'added' | 'full' | 'duplicate' | 'outdated'>;
  /**
   * Removes a factor, which cancels a reset. After that, older sessions can no longer manage the account. Removing the
   * last factor also removes the account.
   * @param sessionsSince the account's new value, higher than before
   * @returns false if there is no such factor, or one was removed since the session that manages the account began
   */
  removeFactor(account: ManagedAccount, factorId: string, sessionsSince: number): Promise<boolean>;

  /**
   * Notes that a passkey was used, which cancels a reset.
   * @param use what its assertion says. The counter must be higher than the last one, unless both are 0
   * @returns false if the counter is not higher, or if the passkey was removed meanwhile
   */
  usePasskey(factorId: string, use: { counter: number; isSynced: boolean; at: number }): Promise<boolean>;
  /**
   * Uses up the code of a time step and all earlier codes, which cancels a reset.
   * @returns false if it was already used up
   */
  useTotpStep(factorId: string, step: number, at: number): Promise<boolean>;
  /**
   * Uses up a recovery code, which cancels a reset.
   * @param code in the form in which it was created
   * @returns false if the account has no such code, or if it was used
   */
  useRecoveryCode(accountId: string, code: string, at: number): Promise<boolean>;
  /**
   * Replaces all recovery codes of an account, which cancels a reset.
   * @returns false if the account is gone, or a factor was removed since the session that manages it began
   */
  replaceRecoveryCodes(account: ManagedAccount, codes: readonly string[]): Promise<boolean>;

  /**
   * A code showed, together with a factor, that the number is still this person's. Changes nothing if a later code has
   * already shown it.
   */
  confirmPhone(accountId: string, at: number): Promise<void>;
  /**
   * Requests a reset. An earlier request stays in force until its reset is no longer open ({@link RESET_OPEN_MS}).
   * @returns when it takes effect; undefined if there is no account
   */
  requestReset(accountId: string, effectiveAt: number, at: number): Promise<number | undefined>;

  /**
   * Uses up a one-time value.
   * @param id random, of at least 128 bits
   * @param expiresAt until when the store remembers it
   * @returns false if it was already used up
   */
  spend(id: string, expiresAt: number): Promise<boolean>;

  /**
   * Removes accounts that nobody has used since a time, and hashes of numbers under privacy keys that are no longer
   * configured.
   * @returns how many accounts
   */
  removeUnusedSince(time: number): Promise<number>;
  /** For operators: everything about a number. */
  describe(phoneNumber: string): Promise<AccountReport | undefined>;
  /** Removes everything about a number. @returns how many rows */
  erase(phoneNumber: string): Promise<number>;
  /** For operators: how many accounts need which keys. */
  keyUse(): Promise<KeyUse>;
  /**
   * Encrypts everything again under the newest key, except accounts under a missing one.
   * @returns how many accounts it encrypted again
   */
  reseal(): Promise<number>;
  /** Checks that the database accepts writes. @throws {AppError} STORE_UNAVAILABLE */
  ping(): Promise<void>;
  close(): Promise<void>;
}
