import fc from 'fast-check';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { makeProofKey } from '@/lib/config/keys';
import { createProofs, PROOF_TTL_SECONDS, readProof, statementOfCode } from '@/lib/verification/proof';

const number = fc.stringMatching(/^\+[1-9][0-9]{3,14}$/);
const channel = fc.constantFrom('sms', 'voice');

test('a proof reads as what was signed', async () => {
  await fc.assert(
    fc.asyncProperty(
      number,
      channel,
      fc.webUrl(),
      fc.string({ unit: 'grapheme' }),
      async (e164, by, issuer, audience) => {
        const before = Math.floor(Date.now() / 1000);
        const signed = await createProofs({ keys: [makeProofKey()], issuer, audience }).sign(statementOfCode(e164, by));
        const read = readProof(signed.jwt);
        expect([read.phoneNumber, read.channel]).toEqual([e164, by]);
        expect(read.expiresAt.getTime() - read.verifiedAt.getTime()).toBe(PROOF_TTL_SECONDS * 1000);
        expect(read.verifiedAt.getTime()).toBeGreaterThanOrEqual(before * 1000);
        expect(read.verifiedAt.getTime()).toBeLessThanOrEqual(Date.now());
        expect(read.expiresAt).toEqual(signed.expiresAt);
        expect(signed.id).toBe(decodeJwt(signed.jwt).jti);
      },
    ),
  );
});

describe('a proof', () => {
  const proofs = createProofs({ keys: [makeProofKey()], issuer: 'https://verify.example.com', audience: 'everyone' });
  const NUMBER = '+14155552671';

  test('is for the audience of its verification, and repeats the nonce and the purpose', () => {
    const context = {
      client: 'shop',
      audience: 'shop',
      nonce: 'once',
      purpose: 'login',
      interaction: 'LOGIN',
    } as const;
    const claims = decodeJwt(proofs.sign(statementOfCode(NUMBER, 'sms'), context).jwt);
    expect(claims).toMatchObject({ aud: 'shop', nonce: 'once', purpose: 'login' });
    expect(JSON.stringify(claims)).not.toContain('LOGIN');
  });

  test('is for the configured audience if it has no context, and then has no further claims', () => {
    const claims = decodeJwt(proofs.sign(statementOfCode(NUMBER, 'sms')).jwt);
    expect(Object.keys(claims).sort()).toEqual([
      'acr',
      'amr',
      'aud',
      'auth_time',
      'exp',
      'iat',
      'iss',
      'jti',
      'phone_verified_at',
      'sub',
    ]);
    expect(claims.aud).toBe('everyone');
  });

  test('has a type that no other token of the issuer has', () => {
    expect(decodeProtectedHeader(proofs.sign(statementOfCode(NUMBER, 'sms')).jwt).typ).toBe('phone-proof+jwt');
  });
});

test('no two proofs share an id', async () => {
  const proofs = createProofs({ keys: [makeProofKey()], issuer: 'https://verify.example.com', audience: 'shop' });
  const ids = new Set<string>();
  await fc.assert(
    fc.asyncProperty(number, channel, async (e164, by) => {
      const { id } = await proofs.sign(statementOfCode(e164, by));
      expect(ids.has(id)).toBe(false);
      ids.add(id);
    }),
  );
});
