// A service for which a code by phone is not enough: POST /payments with `Authorization: Bearer <proof>`.
import express from 'express';
import { createRemoteJWKSet, jwtVerify } from 'jose';

const {
  VERIFIER = 'http://localhost:3000',
  PROOF_ISSUER = VERIFIER,
  PROOF_AUDIENCE = PROOF_ISSUER,
  PORT = 5000,
} = process.env;
const keys = createRemoteJWKSet(new URL('/.well-known/jwks.json', VERIFIER));
const expected = { issuer: PROOF_ISSUER, audience: PROOF_AUDIENCE, algorithms: ['ES256'] };

/** A passkey, an authenticator app or a recovery code. Leave only `phr` to insist on a passkey. */
const ACCEPTED = ['phr', 'otp'];

const app = express();
app.post('/payments', async (request, response) => {
  const proof = request.get('Authorization')?.replace(/^Bearer /, '') ?? '';
  try {
    const { payload } = await jwtVerify(proof, keys, expected);
    if (!ACCEPTED.includes(payload.acr) || payload.acct === undefined)
      return response.status(403).json({ message: 'Verify with a passkey or an authenticator app.' });
    // Find the customer by the account: the number may pass to another person, but the account never does.
    response.json({ account: payload.acct, phoneNumber: payload.sub });
  } catch (error) {
    // If the keys could not be fetched, the proof is not wrong.
    const invalid = /^ERR_(JWT|JWS|JWKS_NO|JOSE_ALG|JOSE_NOT)/.test(error.code);
    response.status(invalid ? 401 : 503).json({ message: invalid ? 'That is not a valid proof.' : 'Try again later.' });
  }
});
app.listen(PORT, '127.0.0.1', () => console.log(`Listening on ${PORT}`));
