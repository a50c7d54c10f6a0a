import { isSupportedCountry } from 'libphonenumber-js/max';
import { z } from 'zod';
import { parseLogo } from './brand-logo';
import { clientId, clientList } from './client-list';
import { LOOPBACK } from './environment-values';

/** `npm run client` creates 256 bits, which are 43 characters of base64url. */
const CLIENT_SECRET = /^[\x21-\x7e]{32,128}$/;

const redirectUri = z.string().refine((value) => {
  if (!URL.canParse(value)) return false;
  const { protocol, hostname, hash, username, password } = new URL(value);
  const isPrivate = protocol === 'https:' || (protocol === 'http:' && LOOPBACK.test(hostname));
  return isPrivate && hash === '' && !value.includes('#') && username + password === '';
}, 'must be an https address without a fragment; http is accepted on loopback only');

const countries = z
  .array(z.string().refine((code) => isSupportedCountry(code), 'must be countries of two letters (ISO 3166-1 alpha-2)'))
  .min(1, 'must name at least one country');

const row = z
  .strictObject({
    client_id: clientId,
    client_secret: z
      .string()
      .regex(CLIENT_SECRET, 'must be 32 to 128 plain characters without spaces; leave it out for a public client')
      .optional(),
    client_name: z
      .string('is required')
      .regex(/^[^\p{C}{}]{1,40}$/u, 'must be 1 to 40 characters on one line, without braces'),
    redirect_uris: z.array(redirectUri, 'is required').min(1, 'must name at least one address'),
    logo: z
      .string()
      .transform((value, ctx) => {
        const source = parseLogo(value);
        if (source) return source;
        ctx.addIssue({ code: 'custom', message: 'must be a file in public/, like logo.svg, or a data: URL' });
        return z.NEVER;
      })
      .optional(),
    token_endpoint_auth_method: z
      .enum(['client_secret_basic', 'client_secret_post'], 'must be "client_secret_basic" or "client_secret_post"')
      .optional(),
    number: z.enum(['any', 'fixed'], 'must be "any" or "fixed"').default('any'),
    countries: countries.optional(),
    sector: z
      .string()
      .regex(/^[a-z0-9.-]{1,253}$/, 'must be a host name in lower case')
      .optional(),
  })
  .refine(({ redirect_uris: uris }) => new Set(uris.map((uri) => URL.canParse(uri) && new URL(uri).host)).size < 2, {
    path: ['redirect_uris'],
    message: 'must all have the same host: clients on other hosts need an entry of their own',
  })
  .refine((client) => client.number === 'any' || client.client_secret !== undefined, {
    path: ['client_secret'],
    message: 'is required for a client with "number": "fixed": without one, anybody could name the number',
  });

/**
 * An application that logs people in with OpenID Connect. In the JSON, the fields that RFC 7591, §2, also defines have
 * the names from there.
 */
export interface OpenIdClient {
  readonly id: string;
  /** Undefined for public clients, which have only PKCE. */
  readonly secret: string | undefined;
  /** How the client sends its secret to the token endpoint (OpenID Connect Core, §9). */
  readonly authMethod: 'client_secret_basic' | 'client_secret_post' | 'none';
  /** The name that people see. */
  readonly name: string;
  /** Compared character by character (RFC 9700, §2.1). */
  readonly redirectUris: readonly string[];
  readonly logo: z.infer<typeof row>['logo'];
  /** Whether the client names the number in a pushed request, and people cannot change it. */
  readonly isNumberFixed: boolean;
  /** Countries whose numbers the client accepts, within ALLOWED_COUNTRIES; undefined for all. */
  readonly countries: readonly string[] | undefined;
  /**
   * Clients with the same sector see the same `sub` for a number. By default the host of their addresses (OpenID
   * Connect Core, §8.1).
   */
  readonly sector: string;
}

function toClient(client: z.infer<typeof row>): OpenIdClient {
  const [first = ''] = client.redirect_uris;
  return {
    id: client.client_id,
    secret: client.client_secret,
    authMethod:
      client.client_secret === undefined ? 'none' : (client.token_endpoint_auth_method ?? 'client_secret_basic'),
    name: client.client_name,
    redirectUris: client.redirect_uris,
    logo: client.logo,
    isNumberFixed: client.number === 'fixed',
    countries: client.countries,
    sector: client.sector ?? new URL(first).hostname,
  };
}

/** OIDC_CLIENTS: the clients as JSON, or the path of a file with that JSON. */
export const openIdClients = clientList({ row, idField: 'client_id', toClient, command: 'npm run client -- add' });
