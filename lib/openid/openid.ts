import type { IncomingMessage, ServerResponse } from 'node:http';
import type { OpenIdClient } from '@/lib/config/openid-clients';
import { AppError } from '@/lib/errors';
import { type Login, loginOf } from './login';
import { createProvider, type ProviderOptions, type Refused } from './provider';

/** The OpenID provider: logs people in at other applications with a verified number (OpenID Connect Core 1.0). */
export interface OpenId {
  readonly clients: readonly OpenIdClient[];
  /** Loads the library. Call this at startup, so that faults appear then. */
  ready(): Promise<void>;
  /**
   * Answers a request for one of the provider's addresses.
   * @returns undefined once the response is complete. For a page whose request cannot go back to a client, returns what
   * to tell the person, and writes no response
   */
  answer(request: IncomingMessage, response: ServerResponse): Promise<Refused | undefined>;
  /** A login in progress; undefined if there is none. @throws {AppError} STORE_UNAVAILABLE */
  findLogin(uid: string): Promise<Login | undefined>;
}

/**
 * The library builds addresses from the request's host and scheme, which the client chooses. This sets both to the
 * issuer's, so nobody can make discovery name another host.
 */
function pinHost(request: IncomingMessage & { originalUrl?: string }, issuer: URL): void {
  const { headers } = request;
  // Next strips the base path from the URL, and the library needs it.
  if (issuer.pathname !== '/') request.originalUrl = issuer.pathname + request.url;
  headers.host = issuer.host;
  headers['x-forwarded-host'] = issuer.host;
  headers['x-forwarded-proto'] = issuer.protocol.slice(0, -1);
}

/** Turns the adapter's error for an outage of the store back into an AppError. */
async function orUnavailable<T>(reply: Promise<T>): Promise<T> {
  try {
    return await reply;
  } catch (error) {
    if (error instanceof Error && error.message === 'temporarily_unavailable') throw new AppError('STORE_UNAVAILABLE');
    throw error;
  }
}

export function createOpenId(options: ProviderOptions): OpenId {
  const { clients } = options;
  const issuer = new URL(options.issuer);
  const refusals = new WeakMap<ServerResponse, Refused>();
  let loading: ReturnType<typeof createProvider> | undefined;

  /** Loads the library once. After a failure, the next request tries again. */
  function provider() {
    loading ??= createProvider(options, refusals).catch((error) => {
      loading = undefined;
      throw error;
    });
    return loading;
  }

  return {
    clients,
    async ready() {
      await provider();
    },
    async answer(request, response) {
      pinHost(request, issuer);
      await (await provider()).callback()(request, response);
      return refusals.get(response);
    },
    async findLogin(uid) {
      const interaction = await orUnavailable((await provider()).Interaction.find(uid));
      const login = interaction && loginOf(interaction, clients);
      return login && { ...login, finish: (result) => orUnavailable(login.finish(result)) };
    },
  };
}
