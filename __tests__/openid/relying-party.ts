import { createHash, randomBytes } from 'node:crypto';
import { request } from 'undici';
import type { TestApp } from '@/__tests__/support/app';

/** A reply from one of the provider's endpoints. The OpenID standards describe it, not our OpenAPI document. */
export interface ProviderReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  // biome-ignore lint/suspicious/noExplicitAny: tests look at fields of many shapes
  readonly body: any;
}

/** Asks an endpoint of the provider. */
export async function askProvider(
  app: TestApp,
  path: string,
  init: { method?: 'GET' | 'POST'; body?: string; headers?: Record<string, string> } = {},
): Promise<ProviderReply> {
  const { statusCode, headers, body } = await request(app.url + path, init);
  const text = await body.text();
  return { status: statusCode, headers, body: text.startsWith('{') ? (JSON.parse(text) as unknown) : text };
}

/** A secret as long as those that `npm run client` creates. */
export const SECRET = 'a'.repeat(43);

export const REDIRECT_URI = 'https://shop.example/callback';

/** One row of OIDC_CLIENTS. */
export const clientRow = (more: object = {}) => ({
  client_id: 'shop',
  client_secret: SECRET,
  client_name: 'Shop',
  redirect_uris: [REDIRECT_URI],
  ...more,
});

const basic = (id: string, secret: string) => `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;

interface Options {
  readonly id?: string;
  /** Null for a public client. */
  readonly secret?: string | null;
  readonly redirectUri?: string;
}

/** An application's side of a login, written by hand, so that tests can send anything. */
export class RelyingParty {
  readonly verifier = randomBytes(32).toString('base64url');
  readonly state = randomBytes(8).toString('hex');
  readonly nonce = randomBytes(8).toString('hex');
  readonly id: string;
  readonly #secret: string | null;
  readonly #redirectUri: string;

  constructor({ id = 'shop', secret = SECRET, redirectUri = REDIRECT_URI }: Options = {}) {
    this.id = id;
    this.#secret = secret;
    this.#redirectUri = redirectUri;
  }

  /** The parameters of an authorization request; undefined leaves one out. */
  parameters(more: Record<string, string | undefined> = {}): URLSearchParams {
    const all = {
      client_id: this.id,
      response_type: 'code',
      redirect_uri: this.#redirectUri,
      scope: 'openid phone',
      state: this.state,
      nonce: this.nonce,
      code_challenge: createHash('sha256').update(this.verifier).digest('base64url'),
      code_challenge_method: 'S256',
      ...more,
    };
    const given = Object.entries(all).filter((pair): pair is [string, string] => pair[1] !== undefined);
    return new URLSearchParams(given);
  }

  /** Pushes a request (RFC 9126). */
  push(app: TestApp, more: Record<string, string | undefined> = {}): Promise<ProviderReply> {
    return this.#post(app, '/api/openid/par', this.parameters(more));
  }

  redeem(app: TestApp, code: string, more: Record<string, string> = {}): Promise<ProviderReply> {
    const body = {
      grant_type: 'authorization_code',
      code,
      redirect_uri: this.#redirectUri,
      code_verifier: this.verifier,
      ...(this.#secret === null && { client_id: this.id }),
      ...more,
    };
    return this.#post(app, '/api/openid/token', new URLSearchParams(body));
  }

  #post(app: TestApp, path: string, body: URLSearchParams): Promise<ProviderReply> {
    const authorization = this.#secret === null ? {} : { Authorization: basic(this.id, this.#secret) };
    return askProvider(app, path, {
      method: 'POST',
      body: body.toString(),
      headers: { 'Content-Type': 'application/x-www-form-urlencoded', ...authorization },
    });
  }
}

/** The claims of a JWT, unchecked. */
export const claimsOf = (jwt: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;
