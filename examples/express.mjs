// A service that accepts each proof once: POST /account/phone with `Authorization: Bearer <proof>`.
import express from 'express';
import { createRemoteJWKSet, jwtVerify } from 'jose';

const {
  VERIFIER = 'http://localhost:3000',
  PROOF_ISSUER = VERIFIER,
  PROOF_AUDIENCE = PROOF_ISSUER,
  PORT = 5000,
} = process.env;
const keys = createRemoteJWKSet(new URL('/.well-known/jwks.json', VERIFIER));
const expected = {
  issuer: PROOF_ISSUER,
  audience: PROOF_AUDIENCE,
  algorithms: ['ES256'],
  requiredClaims: ['jti', 'exp'],
};

/** Proofs used so far, and when they expire. If you run several instances, use a table with `jti` as its key. */
const used = new Map();

/** Returns false the second time. */
function use({ jti, exp }) {
  for (const [id, until] of used) if (until * 1000 < Date.now()) used.delete(id);
  return !used.has(jti) && Boolean(used.set(jti, exp));
}

const app = express();
app.post('/account/phone', async (request, response) => {
  const proof = request.get('Authorization')?.replace(/^Bearer /, '') ?? '';
  try {
    const { payload } = await jwtVerify(proof, keys, expected);
    if (!use(payload)) return response.status(409).json({ message: 'That proof was used before.' });
    // Store the number in the account of the login here. The proof does not say whose number it is.
    response.json({ phoneNumber: payload.sub, verifiedAt: new Date(payload.iat * 1000).toISOString() });
  } catch (error) {
    // If the keys could not be fetched, the proof is not wrong.
    const invalid = /^ERR_(JWT|JWS|JWKS_NO|JOSE_ALG|JOSE_NOT)/.test(error.code);
    response.status(invalid ? 401 : 503).json({ message: invalid ? 'That is not a valid proof.' : 'Try again later.' });
  }
});
app.listen(PORT, '127.0.0.1', () => console.log(`Listening on ${PORT}`));
