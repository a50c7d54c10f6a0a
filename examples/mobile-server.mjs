// The server of a mobile app: see mobile-app.ts. It verifies numbers, and never reveals its API key or the pinId.
import express from 'express';

const { VERIFIER = 'http://localhost:3000', API_KEY, PORT = 5003 } = process.env;

/** Accounts by the login that the app sends. Use your application's own accounts, and its own check of the login. */
const accounts = new Map();

const app = express();
app.use(express.json());
app.use((request, response, next) => {
  const { authorization } = request.headers;
  if (authorization === undefined) return response.status(401).json({ code: 'NO_LOGIN', message: 'Log in first.' });
  if (!accounts.has(authorization)) accounts.set(authorization, {});
  request.account = accounts.get(authorization);
  return next();
});

// The verification itself, from here …
const headers = { authorization: `Basic ${btoa(API_KEY)}`, 'content-type': 'application/json' };
async function ask(path, body) {
  const signal = AbortSignal.timeout(70_000);
  const reply = await fetch(VERIFIER + path, { method: 'POST', headers, body: JSON.stringify(body), signal });
  return { status: reply.status, ...(await reply.json()) };
}
app.post('/phone', async ({ body: { phoneNumber, solution }, ip, account }, response) => {
  const { status, pinId, ...answer } = await ask('/api/send-otp', { phoneNumber, solution, clientAddress: ip });
  account.pinId = pinId ?? account.pinId;
  response.status(status).json(answer);
});
app.post('/phone/code', async ({ body: { pin }, ip, account }, response) => {
  const { status, proof, ...answer } = await ask('/api/verify-otp', { pinId: account.pinId, pin, clientAddress: ip });
  if (status === 200 && answer.verified) account.phoneNumber = answer.phoneNumber;
  response.status(status).json(answer);
});
// … to here. Your server already has the rest.

app.get('/account', ({ account: { phoneNumber } }, response) => response.json({ phoneNumber }));
app.use((_error, _request, response, _next) =>
  response.status(503).json({ code: 'NO_ANSWER', message: "We can't send or check codes right now." }),
);
app.listen(Number(PORT), '127.0.0.1', () => console.log(`Listening on ${PORT}`));
