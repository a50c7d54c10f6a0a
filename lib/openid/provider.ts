import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Configuration, KoaContextWithOIDC, Provider } from 'oidc-provider';
import type { ProofKey } from '@/lib/config/keys';
import type { OpenIdClient } from '@/lib/config/openid-clients';
import { hmacSha256 } from '@/lib/hmac';
import type { Privacy } from '@/lib/privacy';
import type { OpenIdStore } from '@/lib/store/openid';
import { createAdapter } from './adapter';
import { CONFIRMATION_TYPE, faultOfConfirmation } from './confirmation';
import { TTL } from './ttl';

/** Addresses of the endpoints. People open the first one; programs call the others. */
export const ROUTES = {
  authorization: '/connect/authorize',
  token: '/api/openid/token',
  userinfo: '/api/openid/userinfo',
  pushed_authorization_request: '/api/openid/par',
  jwks: '/.well-known/jwks.json',
} as const;

/** A request that cannot go back to a client, because the client or its address is unknown. */
export interface Refused {
  /** RFC 6749, §4.1.2.1. */
  readonly error: string;
  /** For operators. May say more than the reply does. */
  readonly description: string | undefined;
}

export interface ProviderOptions {
  /** Every endpoint's address begins with it. */
  readonly issuer: string;
  readonly clients: readonly OpenIdClient[];
  /** The first key signs. All keys are published. */
  readonly keys: readonly ProofKey[];
  /** Turns numbers into `sub`, in base64. If it changes, every `sub` changes. */
  readonly subjectKey: string;
  /** The strengths that logins can have, for discovery. */
  readonly acrValues: readonly string[];
  readonly store: OpenIdStore;
  readonly privacy: Privacy;
  /** Whether a text is a valid number in E.164. */
  readonly isNumber: (text: string) => boolean;
  /** Prepares the page where a person verifies a number. @returns its address */
  readonly pageOf: (request: IncomingMessage, response: ServerResponse, uid: string) => string;
  /** Called for faults of ours. */
  readonly onFault: (error: unknown) => void;
  /** Called for every refused request, whether or not it goes back to its client. */
  readonly onRefused: (clientId: string | undefined, refused: Refused) => void;
}

const refusedOf = ({
  error,
  error_description: description,
}: {
  error: string;
  error_description?: string | undefined;
}) => ({
  error,
  description,
});

const metadataOf = ({ id, secret, authMethod, name, redirectUris, isNumberFixed }: OpenIdClient) => ({
  client_id: id,
  client_name: name,
  redirect_uris: [...redirectUris],
  response_modes: ['query'],
  require_pushed_authorization_requests: isNumberFixed,
  authorization_details_types: secret === undefined ? [] : [CONFIRMATION_TYPE],
  token_endpoint_auth_method: authMethod,
  ...(secret !== undefined && { client_secret: secret }),
});

/** Cookies of the library that we drop: there are no sessions, and the page has a cookie of its own. */
const NOT_NEEDED = /^_(session|interaction)(\.sig)?=/;

function dropCookies(response: ServerResponse): void {
  const cookies = [response.getHeader('Set-Cookie') ?? []].flat().map(String);
  const kept = cookies.filter((cookie) => !NOT_NEEDED.test(cookie));
  if (kept.length > 0) response.setHeader('Set-Cookie', kept);
  else response.removeHeader('Set-Cookie');
}

/**
 * Makes the library refuse every `response_mode` but `query`. It has no option for that, and would send even the
 * refusal as a form with a script if the request asks for one. It ignores a mode that it does not know, so the refusal
 * then goes into the query.
 */
function allowOnlyQuery(ctx: Pick<KoaContextWithOIDC, 'path' | 'query'>): void {
  const { response_mode: mode } = ctx.query;
  if (mode !== undefined && mode !== 'query') ctx.query = { ...ctx.query, response_mode: 'unsupported' };
}

/** Makes the discovery document list only the query mode. */
function nameOnlyQuery(body: unknown): void {
  if (typeof body === 'object' && body !== null && 'response_modes_supported' in body)
    body.response_modes_supported = ['query'];
}

/** Loads and configures the library. A server without clients never loads it. */
export async function createProvider(options: ProviderOptions, refusals: WeakMap<ServerResponse, Refused>) {
  // On Node 20 the library works, although it warns on standard error.
  const { Provider: Library, errors, interactionPolicy } = await import('oidc-provider');
  const { issuer, clients, keys, acrValues, privacy, store, subjectKey, isNumber, pageOf, onRefused, onFault } =
    options;
  const confirmations = `${issuer}/confirmations`;
  const byId = new Map(clients.map((client) => [client.id, client]));
  const pseudonym = hmacSha256(Buffer.from(subjectKey, 'base64').subarray(0, 64));
  const policy = interactionPolicy.base();
  policy.remove('consent');

  const detailsOf = (json: unknown): object[] => (typeof json === 'string' ? JSON.parse(json) : []);

  /** Only an authenticated client may say what a person confirms, and nobody may edit that on the way. */
  const checkDetail = (ctx: KoaContextWithOIDC, detail: object) => {
    const isPushed = ctx.oidc.route === 'pushed_authorization_request' || ctx.oidc.entities.PushedAuthorizationRequest;
    if (!isPushed) throw new errors.InvalidRequest('authorization_details need a pushed authorization request');
    // The page and the message have room for one confirmation.
    if (detailsOf(ctx.oidc.params?.authorization_details).length > 1)
      throw new errors.InvalidAuthorizationDetails('only one confirmation at a time');
    const fault = faultOfConfirmation(detail);
    if (fault !== undefined) throw new errors.InvalidAuthorizationDetails(fault);
  };

  const configuration: Configuration = {
    adapter: createAdapter(store, privacy, errors),
    clients: clients.map(metadataOf) as NonNullable<Configuration['clients']>,
    clientDefaults: {
      grant_types: ['authorization_code'],
      response_types: ['code'],
      id_token_signed_response_alg: 'ES256',
      require_auth_time: true,
    },
    responseTypes: ['code'],
    scopes: ['openid', 'phone'],
    subjectTypes: ['pairwise'],
    claims: {
      openid: ['sub', 'amr', 'acr', 'auth_time', 'authorization_details'],
      phone: ['phone_number', 'phone_number_verified'],
    },
    acrValues: [...acrValues],
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'none'],
    jwks: { keys: keys.map((key) => ({ ...key, use: 'sig', alg: 'ES256' })) },
    enabledJWA: { idTokenSigningAlgValues: ['ES256'] },
    cookies: { keys: [...privacy.secrets('openid cookies')] },
    routes: ROUTES,
    ttl: TTL,
    allowOmittingSingleRegisteredRedirectUri: false,
    expiresWithSession: async () => false,
    issueRefreshToken: async () => false,
    features: {
      devInteractions: { enabled: false },
      dPoP: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      claimsParameter: { enabled: false },
      userinfo: { enabled: true },
      pushedAuthorizationRequests: { enabled: true },
      // The library requires a resource for `authorization_details`. A token for that resource is useless: the ID token
      // has the details.
      resourceIndicators: {
        enabled: true,
        defaultResource: async (ctx, _client, granted) =>
          (granted?.[0] ??
            (ctx.oidc.params?.authorization_details === undefined ? undefined : confirmations)) as string,
        useGrantedResource: async () => true,
        getResourceServerInfo: async () => ({ scope: '', accessTokenFormat: 'opaque' }),
      },
      richAuthorizationRequests: {
        enabled: true,
        types: { [CONFIRMATION_TYPE]: { validate: async (ctx, detail) => checkDetail(ctx, detail) } },
        authorizationDetailsForGrantSource: async (ctx) => detailsOf(ctx.oidc.params?.authorization_details),
        authorizationDetailsForAccessToken: async (_ctx, _token, source) => source?.rar,
      },
    } as NonNullable<Configuration['features']>,
    interactions: {
      policy,
      url(ctx, { uid, params }) {
        const isFixed = byId.get(String(params.client_id))?.isNumberFixed;
        if (isFixed && !isNumber(String(params.login_hint ?? '')))
          throw new errors.InvalidRequest('login_hint must be the number, in E.164');
        return pageOf(ctx.req, ctx.res, uid);
      },
    },
    pairwiseIdentifier: async (_ctx, number, { clientId }) =>
      Buffer.from(pseudonym(JSON.stringify([byId.get(clientId)?.sector, number])), 'hex').toString('base64url'),
    async loadExistingGrant(ctx) {
      const { client, account, params, provider } = ctx.oidc;
      if (!client || !account) return undefined;
      const isFixed = byId.get(client.clientId)?.isNumberFixed;
      if (isFixed && params?.login_hint !== account.accountId)
        throw new errors.AccessDenied('another number was verified');
      const grant = new provider.Grant({ accountId: account.accountId, clientId: client.clientId });
      grant.addOIDCScope(String(params?.scope));
      await grant.save();
      return grant;
    },
    findAccount: async (_ctx, number, token) => ({
      accountId: number,
      claims: async () => ({
        sub: number,
        phone_number: number,
        phone_number_verified: true,
        ...(token && 'rar' in token && token.rar ? { authorization_details: token.rar } : {}),
      }),
    }),
    async renderError(ctx, out) {
      if (ctx.path.startsWith('/api/')) {
        ctx.body = out;
        return;
      }
      refusals.set(ctx.res, refusedOf(out));
      ctx.respond = false;
    },
  };
  const provider = new Library(issuer, configuration);
  provider.proxy = true;
  provider.use(async (ctx, next) => {
    allowOnlyQuery(ctx);
    try {
      await next();
      nameOnlyQuery(ctx.body);
    } catch (error) {
      // The framework's own handler would drop our headers and write the error to standard error.
      onFault(error);
      refusals.set(ctx.res, { error: 'server_error', description: undefined });
      ctx.status = 500;
      ctx.body = { error: 'server_error' };
      ctx.respond = ctx.path.startsWith('/api/');
    }
    dropCookies(ctx.res);
  });
  // Errors that the library's own handlers catch never reach the catch above.
  provider.on('server_error', (_ctx, error) => onFault(error));
  for (const name of [
    'authorization.error',
    'grant.error',
    'userinfo.error',
    'pushed_authorization_request.error',
  ] as const)
    provider.on(name as 'grant.error', (ctx, { message, error_detail, error_description }) => {
      // The person canceled, or verified another number than the client named. Neither is a fault to report.
      if (message === 'access_denied') return;
      onRefused(ctx.oidc.client?.clientId, { error: message, description: error_detail ?? error_description });
    });
  return provider as Provider;
}
