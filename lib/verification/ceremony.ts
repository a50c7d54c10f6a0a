import type { Privacy } from '@/lib/privacy';
import type { FactorStore } from '@/lib/store/factors';
import { createToken } from './token';

/**
 * Ceremonies are what a client begins with one request and finishes with another. This is how long each kind may take,
 * in milliseconds. WebAuthn Level 3 (§15.1) recommends at least 5 minutes.
 */
export const CEREMONY_TTL_MS = {
  'enroll-passkey': 5 * 60_000,
  'verify-passkey': 5 * 60_000,
  // People install an app first.
  'enroll-totp': 10 * 60_000,
  // To get and enter a code that is due after a factor.
  'confirm-number': 10 * 60_000,
} as const;

/** How long the store remembers a spent ceremony after its end, because the clocks of servers differ. */
const CLOCKS_DIFFER_BY_MS = 60_000;

export type CeremonyKind = keyof typeof CEREMONY_TTL_MS;

interface Sealed<Data> {
  readonly id: string;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  readonly data: Data;
}

const placeOf = (kind: CeremonyKind, binding: string) => `ceremony ${JSON.stringify([kind, binding])}`;

/** Whether a text has the form of our tokens. Bounded, because it arrives in a cookie. */
export const isCeremonyToken = (text: string): boolean => /^[A-Za-z0-9_-]{64,1024}$/.test(text);

/**
 * Begins a ceremony. The server stores nothing, so nobody can fill the store with ceremonies: the client keeps
 * everything in an encrypted token.
 * @param binding what the ceremony belongs to, such as a session: nobody can finish it for another one
 */
export function startCeremony(privacy: Privacy, kind: CeremonyKind, binding: string, data: object): string {
  const sealed: Sealed<object> = { id: createToken(), startedAt: Date.now(), data };
  return privacy.seal(JSON.stringify(sealed), placeOf(kind, binding));
}

/** A ceremony that its client wants to finish. */
export interface OpenCeremony<Data> {
  readonly data: Data;
  /** Uses the ceremony up. @returns false if it was already used up */
  spend(store: FactorStore): Promise<boolean>;
}

/** Opens a token; undefined if it is not ours, is of another kind, belongs to something else, or is too old. */
export function openCeremony<Data>(
  privacy: Privacy,
  kind: CeremonyKind,
  binding: string,
  token: string | undefined,
): OpenCeremony<Data> | undefined {
  const text = token === undefined ? undefined : privacy.open(token, placeOf(kind, binding));
  if (text === undefined) return undefined;
  const { id, startedAt, data } = JSON.parse(text) as Sealed<Data>;
  const endsAt = startedAt + CEREMONY_TTL_MS[kind];
  return Date.now() < endsAt ? { data, spend: (store) => store.spend(id, endsAt + CLOCKS_DIFFER_BY_MS) } : undefined;
}
