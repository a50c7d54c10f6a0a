// A service that takes a proof: POST /account/phone with `Authorization: Bearer <proof>`.
import express from 'express';
import { createRemoteJWKSet, jwtVerify } from 'jose';

const {
  VERIFIER = 'http://localhost:3000',
  PROOF_ISSUER = VERIFIER,
  PROOF_AUDIENCE = PROOF_ISSUER,
  PORT = 5000,
} = process.env;
const keys = createRemoteJWKSet(new URL('/.well-known/jwks.json', VERIFIER));
const app = express();
app.post('/account/phone', async (request, response) => {
  const proof = request.get('Authorization')?.replace(/^Bearer /, '') ?? '';
  const expected = { issuer: PROOF_ISSUER, audience: PROOF_AUDIENCE, algorithms: ['ES256'] };
  try {
    const { payload } = await jwtVerify(proof, keys, expected);
    response.json({ phoneNumber: payload.sub, verifiedAt: new Date(payload.iat * 1000).toISOString() });
  } catch (error) {
    // A proof is not wrong because the keys could not be had.
    const invalid = /^ERR_(JWT|JWS|JWKS_NO|JOSE_ALG|JOSE_NOT)/.test(error.code);
    response.status(invalid ? 401 : 503).json({ message: invalid ? 'That is no valid proof.' : 'Try again later.' });
  }
});
app.listen(PORT, '127.0.0.1', () => console.log(`Listening on ${PORT}`));
