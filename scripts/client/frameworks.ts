/** The code to put into an application, by framework. {@link linesFor} replaces the names in braces. */
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
    title: 'Express with passport and openid-client 6',
    lines: `import * as client from 'openid-client';
import { Strategy } from 'openid-client/passport';

const secret = client.ClientSecretBasic(process.env.PHONE_CLIENT_SECRET);
const config = await client.discovery(new URL('{issuer}'), '{id}', undefined, secret);
const login = new Strategy({ config, callbackURL: '{callback}', scope: 'openid phone' }, (tokens, done) =>
  done(null, { phoneNumber: tokens.claims().phone_number }),
);
app.get('/login', passport.authenticate(login));
app.get('{path}', passport.authenticate(login, { successRedirect: '/', failureRedirect: '/?cancelled' }));`,
  },
  python: {
    title: 'Flask with Authlib',
    lines: `oauth = OAuth(app)
oauth.register("phone", client_id="{id}", client_secret=os.environ["PHONE_CLIENT_SECRET"],
               server_metadata_url="{issuer}/.well-known/openid-configuration",
               client_kwargs={"scope": "openid phone", "code_challenge_method": "S256"})

@app.get("/login")
def login():
    return oauth.phone.authorize_redirect("{callback}")

@app.get("{path}")
def callback():
    session["phone_number"] = oauth.phone.authorize_access_token()["userinfo"]["phone_number"]
    return redirect("/")`,
  },
  django: {
    title: 'views.py, for Django with Authlib',
    lines: `oauth = OAuth()
oauth.register("phone", client_id="{id}", client_secret=os.environ["PHONE_CLIENT_SECRET"],
               server_metadata_url="{issuer}/.well-known/openid-configuration",
               client_kwargs={"scope": "openid phone", "code_challenge_method": "S256"})

def login(request):
    return oauth.phone.authorize_redirect(request, "{callback}")

def callback(request):  # at {path}
    claims = oauth.phone.authorize_access_token(request)["userinfo"]
    request.session["phone_number"] = claims["phone_number"]
    return redirect("/")`,
  },
} as const satisfies Record<string, { title: string; lines: string }>;

export type Framework = keyof typeof FRAMEWORKS;

export const isFramework = (name: string): name is Framework => Object.hasOwn(FRAMEWORKS, name);

interface Client {
  readonly id: string;
  readonly issuer: string;
  /** The address that people return to. */
  readonly callback: string;
}

/** The code for a client. The secret belongs in the environment, not in the code. */
export function linesFor(framework: Framework, client: Client): string {
  const values = { ...client, path: new URL(client.callback).pathname };
  return Object.entries(values).reduce(
    (lines, [name, value]) => lines.replaceAll(`{${name}}`, value),
    FRAMEWORKS[framework].lines as string,
  );
}
