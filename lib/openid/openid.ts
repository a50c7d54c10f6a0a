import type { IncomingMessage, ServerResponse } from 'node:http';
import type { OpenIdClient } from '@/lib/config/openid-clients';
import { AppError } from '@/lib/errors';
import { type Login, loginOf } from './login';
import { createProvider, type ProviderOptions, type Refused } from './provider';

/** The OpenID provider: logs people in at other applications by a verified number (OpenID Connect Core 1.0). */
export interface OpenId {
  readonly clients: readonly OpenIdClient[];
  /** Loads the library. Call it at startup, so that faults show there. */
  ready(): Promise<void>;
  /**
   * Answers a request for one of its addresses.
   * @returns where it cannot go back to a client, what to tell the person; nothing is written then
   */
  answer(request: IncomingMessage, response: ServerResponse): Promise<Refused | undefined>;
  /** A login in progress; undefined where there is none. @throws {AppError} STORE_UNAVAILABLE */
  findLogin(uid: string): Promise<Login | undefined>;
}

/**
 * The library builds addresses from the request's host and scheme, which are the client's word. With the issuer's, nobody
 * can make discovery name another host.
 */
function pinHost(request: IncomingMessage & { originalUrl?: string }, issuer: URL): void {
  const { headers } = request;
  // Next leaves out the path that everything is under, and the library has to put it in.
  if (issuer.pathname !== '/') request.originalUrl = issuer.pathname + request.url;
  headers.host = issuer.host;
  headers['x-forwarded-host'] = issuer.host;
  headers['x-forwarded-proto'] = issuer.protocol.slice(0, -1);
}

/** The adapter's word for an outage of the store, back in ours. */
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

  /** A failure is not kept: the next request tries again. */
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
