// A login with a verified phone number: Express and openid-client. Open http://localhost:5001/.
import { randomUUID } from 'node:crypto';
import express from 'express';
import * as client from 'openid-client';

const { ISSUER = 'http://localhost:3000', CLIENT_ID = 'express', CLIENT_SECRET, PORT = 5001 } = process.env;
const redirect_uri = `http://localhost:${PORT}/callback`;
const options = { execute: ISSUER.startsWith('http:') ? [client.allowInsecureRequests] : [] };

// The login itself, from here …
const config = await client.discovery(
  new URL(ISSUER),
  CLIENT_ID,
  undefined,
  client.ClientSecretBasic(CLIENT_SECRET),
  options,
);

async function begin(request, response) {
  const pkceCodeVerifier = client.randomPKCECodeVerifier();
  const code_challenge = await client.calculatePKCECodeChallenge(pkceCodeVerifier);
  const expectedState = client.randomState();
  sessionOf(request, response).login = { pkceCodeVerifier, expectedState };
  const asked = {
    redirect_uri,
    scope: 'openid phone',
    code_challenge,
    code_challenge_method: 'S256',
    state: expectedState,
  };
  response.redirect(client.buildAuthorizationUrl(config, asked).href);
}

async function finish(request, response) {
  const session = sessionOf(request, response);
  const tokens = await client.authorizationCodeGrant(config, new URL(request.originalUrl, redirect_uri), session.login);
  session.phoneNumber = tokens.claims().phone_number;
  response.redirect('/');
}
// … to here. The rest is what your application has already.

/** Sessions by the value of their cookie. Use those of your application. */
const sessions = new Map();

function sessionOf(request, response) {
  const [, id = randomUUID()] = /(?:^|; )id=([\w-]{36})/.exec(request.headers.cookie ?? '') ?? [];
  response.cookie('id', id, { httpOnly: true, sameSite: 'lax' });
  if (!sessions.has(id)) sessions.set(id, {});
  return sessions.get(id);
}

const app = express();
app.get('/', (request, response) => {
  const { phoneNumber } = sessionOf(request, response);
  response.send(phoneNumber ? `<p>Your number is ${phoneNumber}.</p>` : '<a href="/login">Log in with your phone</a>');
});
app.get('/login', begin);
app.get('/callback', finish);
app.use((error, _request, response, _next) =>
  response.status(400).send(`<p>Not logged in: ${error.error ?? 'try again'}</p>`),
);
app.listen(Number(PORT), '127.0.0.1', () => console.log(`http://localhost:${PORT}`));
