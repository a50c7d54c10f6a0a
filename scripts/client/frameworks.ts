/** What to write in an application, by what it is made with. `{id}`, `{secret}` and `{issuer}` stand for its own. */
export const FRAMEWORKS = {
  'next-auth': {
    title: 'pages/api/auth/[...nextauth].ts, with next-auth 4',
    lines: `import NextAuth from 'next-auth';

export default NextAuth({
  providers: [{
    id: 'phone', name: 'Phone', type: 'oauth', wellKnown: '{issuer}/.well-known/openid-configuration',
    clientId: '{id}', clientSecret: process.env.PHONE_CLIENT_SECRET, idToken: true, checks: ['pkce', 'state', 'nonce'],
    authorization: { params: { scope: 'openid phone' } }, client: { id_token_signed_response_alg: 'ES256' },
    profile: ({ sub, phone_number }) => ({ id: sub, name: phone_number }),
  }],
});`,
  },
  express: {
    title: 'Express, with openid-client 6',
    lines: `import * as client from 'openid-client';

const config = await client.discovery(new URL('{issuer}'), '{id}', undefined, client.ClientSecretBasic(process.env.PHONE_CLIENT_SECRET));`,
  },
  python: {
    title: 'Flask, with Authlib',
    lines: `oauth = OAuth(app)
oauth.register("phone", client_id="{id}", client_secret=os.environ["PHONE_CLIENT_SECRET"],
               server_metadata_url="{issuer}/.well-known/openid-configuration",
               client_kwargs={"scope": "openid phone", "code_challenge_method": "S256"})`,
  },
  django: {
    title: 'settings.py of Django, with Authlib',
    lines: `AUTHLIB_OAUTH_CLIENTS = {"phone": {"client_id": "{id}", "client_secret": os.environ["PHONE_CLIENT_SECRET"]}}

# views.py
oauth = OAuth()
oauth.register("phone", server_metadata_url="{issuer}/.well-known/openid-configuration",
               client_kwargs={"scope": "openid phone", "code_challenge_method": "S256"})`,
  },
} as const satisfies Record<string, { title: string; lines: string }>;

export type Framework = keyof typeof FRAMEWORKS;

export const isFramework = (name: string): name is Framework => Object.hasOwn(FRAMEWORKS, name);

/** The lines for a client. Its secret goes into the environment, not into the code. */
export const linesFor = (framework: Framework, { id, issuer }: { id: string; issuer: string }): string =>
  FRAMEWORKS[framework].lines.replaceAll('{id}', id).replaceAll('{issuer}', issuer);
