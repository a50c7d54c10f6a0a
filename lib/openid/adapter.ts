import type { Adapter, AdapterPayload, errors } from 'oidc-provider';
import { AppError } from '@/lib/errors';
import { fingerprint, type Privacy } from '@/lib/privacy';
import type { OpenIdStore } from '@/lib/store/openid';
import { LOGIN_TTL_SECONDS } from './ttl';

type Errors = typeof errors;

/**
 * The models that we use. The library takes the names from its classes, so a bundler that shortens class names would
 * break them.
 */
const MODELS: ReadonlySet<string> = new Set([
  'AccessToken',
  'AuthorizationCode',
  'Grant',
  'Interaction',
  'PushedAuthorizationRequest',
]);

/**
 * Models that the store does not keep: sessions would log people in without a code, and all clients come from the
 * configuration.
 */
const NOT_STORED: ReadonlySet<string> = new Set(['Session', 'Client']);

/**
 * Seconds that the store keeps an entry after it has expired. A pushed request may begin several logins within its
 * minute. When each of them ends, the library checks whether the request was used. Without an entry, all of them would
 * succeed.
 */
const KEPT_LONGER: Readonly<Record<string, number>> = { PushedAuthorizationRequest: LOGIN_TTL_SECONDS };

/**
 * The models that begin a login. Anybody can create them at no cost and, for clients without a secret, without
 * authentication.
 */
const BEGINNINGS: ReadonlySet<string> = new Set(['Interaction', 'PushedAuthorizationRequest']);

const NOTHING: Adapter = {
  upsert: async () => undefined,
  find: async () => undefined,
  findByUserCode: async () => undefined,
  findByUid: async () => undefined,
  consume: async () => undefined,
  destroy: async () => undefined,
  revokeByGrantId: async () => undefined,
};

/**
 * Reports an outage of the store in the terms of RFC 6749, §4.1.2.1, with a 503, because the request is not at fault.
 */
async function answered<T>(reply: Promise<T>, { TemporarilyUnavailable }: Errors): Promise<T> {
  try {
    return await reply;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    throw Object.assign(new TemporarilyUnavailable('try again shortly'), { status: 503, statusCode: 503 });
  }
}

/**
 * Keeps the library's models in our store. Their content is encrypted, because it includes phone numbers. Keys are
 * hashes, so nobody can use a code or a token just by reading the store.
 */
export function createAdapter(store: OpenIdStore, privacy: Privacy, errors: Errors): (model: string) => Adapter {
  const { InvalidGrant, InvalidRequestUri } = errors;
  const used = (model: string) =>
    model === 'PushedAuthorizationRequest'
      ? new InvalidRequestUri('request_uri is invalid, expired, or was already used')
      : new InvalidGrant('it was used before');

  return (model) => {
    if (NOT_STORED.has(model)) return NOTHING;
    if (!MODELS.has(model)) throw new Error(`The OpenID provider has no model called "${model}".`);
    const keptLonger = KEPT_LONGER[model] ?? 0;
    const keyOf = (id: string) => fingerprint(`${model} ${id}`);
    return {
      async upsert(id, payload, expiresInSeconds = 0) {
        const key = keyOf(id);
        const value = privacy.seal(JSON.stringify(payload), key);
        const ttlMs = (expiresInSeconds + keptLonger) * 1000;
        const isBeginning = BEGINNINGS.has(model);
        await answered(isBeginning ? store.begin(key, value, ttlMs) : store.put(key, value, ttlMs), errors);
      },
      async find(id) {
        const key = keyOf(id);
        const found = await answered(store.find(key), errors);
        const text = found && privacy.open(found.value, key);
        if (!found || text === undefined) return undefined;
        return { ...(JSON.parse(text) as AdapterPayload), ...(found.isConsumed && { consumed: true }) };
      },
      async consume(id) {
        // The library looks an entry up before it consumes it. Of all requests that do so at once, only one gets past
        // this.
        if (!(await answered(store.consume(keyOf(id)), errors))) throw used(model);
      },
      async destroy(id) {
        await answered(store.remove(keyOf(id)), errors);
      },
      // The library destroys the grant itself, and without the grant, codes and tokens don't work.
      revokeByGrantId: async () => undefined,
      findByUserCode: async () => undefined,
      findByUid: async () => undefined,
    };
  };
}
