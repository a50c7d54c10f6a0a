import fc from 'fast-check';
import { anyText } from '@/__tests__/support/any-text';
import { makePrivacyKey, makeProofKey, parsePrivacyKeys, parseProofKeys } from '@/lib/config/keys';

const key = fc.uint8Array({ minLength: 32, maxLength: 48 }).map((bytes) => Buffer.from(bytes));
const written = key.chain((bytes) => fc.constantFrom(bytes.toString('base64'), bytes.toString('base64url')));

test('privacy keys are read in either base64 alphabet, with spaces around them, and in order', () => {
  const distinct = fc.uniqueArray(written, {
    minLength: 1,
    maxLength: 4,
    selector: (one) => Buffer.from(one, 'base64').toString('hex'),
  });
  fc.assert(
    fc.property(distinct, fc.constantFrom(',', ', ', ' ,\t'), (keys, separator) => {
      expect(parsePrivacyKeys(keys.join(separator))).toEqual(keys);
    }),
  );
});

test('a privacy key that is too short, or listed twice in any spelling, makes the list invalid', () => {
  const short = fc.uint8Array({ maxLength: 31 }).map((bytes) => Buffer.from(bytes).toString('base64'));
  fc.assert(
    fc.property(key, short, (bytes, tooShort) => {
      const [standard, url] = [bytes.toString('base64'), bytes.toString('base64url')];
      expect(parsePrivacyKeys(`${standard},${tooShort}`)).toBeUndefined();
      expect(parsePrivacyKeys(`${standard},${makePrivacyKey()},${url}`)).toBeUndefined();
    }),
  );
});

test('reading keys never throws', () => {
  const text = fc.oneof(anyText(), fc.json());
  fc.assert(
    fc.property(text, (given) => {
      for (const one of parsePrivacyKeys(given) ?? [])
        expect(Buffer.from(one, 'base64').length).toBeGreaterThanOrEqual(32);
      expect(parseProofKeys(given)).toBeUndefined();
    }),
    { numRuns: 300 },
  );
});

test('a proof key with one part replaced is not a key', () => {
  const good = makeProofKey();
  const part = fc.constantFrom('kty', 'crv', 'x', 'y', 'd');
  fc.assert(
    fc.property(part, fc.oneof(fc.jsonValue(), fc.stringMatching(/^[A-Za-z0-9_-]{43}$/)), (name, value) => {
      fc.pre(value !== good[name]);
      expect(parseProofKeys(JSON.stringify({ ...good, [name]: value }))).toBeUndefined();
    }),
    { numRuns: 300 },
  );
});
