import type { AuthenticationResponseJSON } from '@simplewebauthn/server';
import { AppError } from '@/lib/errors';
import type { PhoneDependencies } from '@/lib/methods/phone/dependencies';
import { numberLogFields } from '@/lib/methods/phone/phone-number';
import { assertServed } from '@/lib/methods/served-number';
import { type VerifiedByFactor, verifiedByFactor } from '@/lib/methods/verified-by-factor';
import type { RequestLog } from '@/lib/observability/request-log';
import type { Account, KnownPasskey } from '@/lib/store/factors';
import type { VerificationContext } from '@/lib/store/verifications';
import { factorsOf, noteCanceledReset } from '@/lib/verification/account';
import type { Caller } from '@/lib/verification/caller';
import { openCeremony } from '@/lib/verification/ceremony';
import type { Dependencies } from '@/lib/verification/dependencies';
import { reserveFactor } from '@/lib/verification/factor-limit';
import { type Assertion, assertionBinding } from './ceremonies';
import { checkAssertion, type PasskeyUse } from './check-assertion';
import { refusePasskey } from './client-data';
import { relyingPartyOf } from './relying-party';

/** What a client sends to end a verification, and what it is for. */
export interface AssertionRequest {
  readonly credential: AuthenticationResponseJSON;
  readonly ceremony: string | undefined;
  /** Throws if the request must not end with this number. */
  readonly assertAccepted: (phoneNumber: string) => void;
  readonly context: VerificationContext | undefined;
}

type Known = { readonly account: Account; readonly passkey: KnownPasskey };

/**
 * Notes the use of a passkey whose signature was valid. A counter that did not grow means that somebody may have copied
 * the authenticator (WebAuthn Level 3, §6.1.1).
 */
async function use(dependencies: Dependencies, { account, passkey }: Known, { counter, isSynced }: PasskeyUse) {
  const store = factorsOf(dependencies);
  if (await store.usePasskey(passkey.id, { counter, isSynced, at: Date.now() })) return;
  const found = await store.findPasskey(passkey.credentialId);
  if (found?.account.id !== account.id) throw refusePasskey('removed meanwhile', 401);
  throw new AppError('PASSKEY_REJECTED', { status: 401, event: 'passkey.cloned', cause: 'counter' });
}

/**
 * Verifies a number with a passkey of its account. The attempt counts against the client alone, and locks nobody.
 * @throws {AppError} RATE_LIMITED, CEREMONY_NOT_FOUND, PASSKEY_REJECTED, PHONE_NUMBER_NOT_SUPPORTED, NUMBER_STALE,
 * STORE_UNAVAILABLE
 */
export async function verifyPasskey(
  dependencies: PhoneDependencies,
  { credential, ceremony, assertAccepted, context }: AssertionRequest,
  caller: Caller,
  log: RequestLog,
): Promise<VerifiedByFactor> {
  const { config, privacy } = dependencies;
  const store = factorsOf(dependencies);
  log.note({ factor: 'passkey' });
  const reserved = await reserveFactor(dependencies, caller, log);
  const open = openCeremony<Assertion>(privacy, 'verify-passkey', assertionBinding(caller), ceremony);
  if (!open || !(await log.store(open.spend(store)))) throw new AppError('CEREMONY_NOT_FOUND');
  const known = await log.store(store.findPasskey(credential.id));
  if (!known) throw refusePasskey('unknown', 401);
  const { account } = known;
  log.note(numberLogFields(privacy, account.phoneNumber));
  const used = await checkAssertion(relyingPartyOf(config), open.data.challenge, known, credential);
  // Check this after the signature, so that only the passkey's owner learns the result, and before the use is recorded.
  assertServed(account.phoneNumber, dependencies);
  assertAccepted(account.phoneNumber);
  await log.store(use(dependencies, known, used));
  await reserved.commit('verified');
  log.event('factor.used');
  noteCanceledReset(account, log);
  return log.store(verifiedByFactor(dependencies, { account, method: 'passkey' }, caller, context));
}
