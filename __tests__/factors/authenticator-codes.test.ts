import fc from 'fast-check';
import { Secret, TOTP, URI } from 'otpauth';
import { testEnvironment } from '@/__tests__/support/app';
import { loadConfig } from '@/lib/config/config';
import { fromBase32, toBase32 } from '@/lib/methods/totp/base32';
import { codeOf, matchingSteps, newSecret, normalizeCode, stepAt } from '@/lib/methods/totp/code';
import { keyUri, qrOf } from '@/lib/methods/totp/key-uri';

/** RFC 6238, appendix B: seconds, and the code of eight digits. Our codes are the last six of them. */
const VECTORS: [number, string][] = [
  [59, '94287082'],
  [1_111_111_109, '07081804'],
  [1_111_111_111, '14050471'],
  [1_234_567_890, '89005924'],
  [2_000_000_000, '69279037'],
  [20_000_000_000, '65353130'],
];

test.each(VECTORS)('the code at second %i is that of RFC 6238', (seconds, code) => {
  expect(codeOf(Buffer.from('12345678901234567890'), stepAt(seconds * 1000))).toBe(code.slice(-6));
});

test('codes equal those of the library otpauth for any secret and time', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 1, maxLength: 64 }),
      fc.integer({ min: 30_000, max: 4_000_000_000_000 }),
      (bytes, now) => {
        const secret = toBase32(bytes);
        const code = new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: now });
        expect(codeOf(fromBase32(secret), stepAt(now))).toBe(code);
        expect(matchingSteps(secret, code, now)).toContain(stepAt(now));
      },
    ),
  );
});

test('a code counts in its own step and one step before and after', () => {
  const secret = newSecret();
  const now = 1_790_000_000_000;
  const step = stepAt(now);
  const counts = [-3, -2, -1, 0, 1, 2, 3].map((around) =>
    matchingSteps(secret, codeOf(fromBase32(secret), step + around), now).includes(step + around),
  );
  expect(counts).toEqual([false, false, true, true, true, false, false]);
});

test('base32 decodes whatever it encodes, and encodes as the library otpauth does', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 64 }), (bytes) => {
      expect([...fromBase32(toBase32(bytes))]).toEqual([...bytes]);
      expect(toBase32(bytes)).toBe(new Secret({ buffer: Uint8Array.from(bytes).buffer }).base32);
    }),
  );
});

test('secrets have 160 bits, and no two are the same', () => {
  const secrets = Array.from({ length: 100 }, newSecret);
  expect(new Set(secrets).size).toBe(100);
  for (const secret of secrets) expect(secret).toMatch(/^[A-Z2-7]{32}$/);
});

test.each([
  ['123456', '123456'],
  ['123 456', '123456'],
  [' 12-34–56\t', '123456'],
  ['١٢٣٤٥٦', '123456'],
  ['１２３４５６', '123456'],
  ['१२३ ४५६', '123456'],
  ['12345', undefined],
  ['1234567', undefined],
  ['12345a', undefined],
  ['', undefined],
  ['1234.56', undefined],
])('the typed code %j is read as %j', (typed, code) => {
  expect(normalizeCode(typed)).toBe(code);
});

describe('the otpauth URI', () => {
  const configOf = (more: Record<string, string>) =>
    loadConfig({ ...testEnvironment('http://127.0.0.1:9'), ...more } as unknown as NodeJS.ProcessEnv);
  const NUMBER = '+14155552671';

  test.each<[string, Record<string, string>, string]>([
    ['the name of the brand', { BRAND_NAME: 'Café & Söhne' }, 'Café & Söhne'],
    ['the name of the brand without its colons', { BRAND_NAME: 'Shop: Berlin' }, 'Shop  Berlin'],
    ['the host of the public origin', { APP_ORIGIN: 'https://verify.example.com' }, 'verify.example.com'],
    ['localhost without either', {}, 'localhost'],
  ])('names %s as its issuer', (_, variables, issuer) => {
    const secret = newSecret();
    const uri = keyUri(secret, NUMBER, configOf(variables));
    const read = URI.parse(uri) as TOTP;
    expect([read.issuer, read.label, read.secret.base32]).toEqual([issuer, NUMBER, secret]);
    expect([read.algorithm, read.digits, read.period]).toEqual(['SHA1', 6, 30]);
  });

  test('fits into a QR code that works under a strict Content-Security-Policy', () => {
    const svg = qrOf(keyUri(newSecret(), NUMBER, configOf({ BRAND_NAME: 'x'.repeat(30) })));
    expect(svg).toMatch(
      /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="0 0 \d+ \d+"><rect fill="white" [^<>]*\/><path fill="black" d="[Mhvz\d,-]+"\/><\/svg>$/,
    );
    expect(svg).not.toMatch(/style|script|href|url\(/);
  });
});
