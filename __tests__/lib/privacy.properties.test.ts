import fc from 'fast-check';
import { anyText } from '@/__tests__/support/any-text';
import { makePrivacyKey } from '@/lib/config/keys';
import { createPrivacy } from '@/lib/privacy';

const [KEY, OTHER_KEY] = [makePrivacyKey(), makePrivacyKey()];
const privacy = createPrivacy([KEY]);
const other = createPrivacy([OTHER_KEY]);

const text = anyText();
const kind = fc.constantFrom('number', 'address');
const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

test('a value sealed for a place opens there unchanged, and never looks the same twice', () => {
  fc.assert(
    fc.property(text, text, (value, place) => {
      const sealed = privacy.seal(value, place);
      expect(privacy.open(sealed, place)).toBe(value);
      expect(privacy.seal(value, place)).not.toBe(sealed);
    }),
    { numRuns: 300 },
  );
});

test('a sealed value does not open for another place or under another key', () => {
  fc.assert(
    fc.property(text, text, text, (value, place, elsewhere) => {
      fc.pre(place !== elsewhere);
      const sealed = privacy.seal(value, place);
      expect([privacy.open(sealed, elsewhere), other.open(sealed, place)]).toEqual([undefined, undefined]);
    }),
    { numRuns: 300 },
  );
});

test('a sealed value with one changed character does not open', () => {
  const character = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...BASE64URL) },
    fc.string({ minLength: 1, maxLength: 1 }),
  );
  fc.assert(
    fc.property(text, text, fc.nat(), fc.boolean(), character, (value, place, at, atEnd, changed) => {
      const sealed = privacy.seal(value, place);
      const index = atEnd ? sealed.length - 1 : at % sealed.length;
      fc.pre(sealed[index] !== changed);
      expect(privacy.open(sealed.slice(0, index) + changed + sealed.slice(index + 1), place)).toBeUndefined();
    }),
    { numRuns: 500 },
  );
});

test('a sealed value that is shortened or extended does not open', () => {
  fc.assert(
    fc.property(text, fc.nat(), fc.string({ minLength: 1 }), (value, at, more) => {
      const sealed = privacy.seal(value, 'place');
      expect(privacy.open(sealed.slice(0, at % sealed.length), 'place')).toBeUndefined();
      expect([privacy.open(sealed + more, 'place'), privacy.open(more + sealed, 'place')]).toEqual([
        undefined,
        undefined,
      ]);
    }),
    { numRuns: 300 },
  );
});

test('no other text opens, and none throws', () => {
  const base64url = fc.string({ unit: fc.constantFrom(...BASE64URL), maxLength: 120 });
  const behindOurKeyId = base64url.map((end) => privacy.seal('', '').slice(0, 5) + end);
  fc.assert(
    fc.property(fc.oneof(text, base64url, behindOurKeyId), text, (sealed, place) => {
      expect(privacy.open(sealed, place)).toBeUndefined();
    }),
    { numRuns: 500 },
  );
});

test('one key gives equal pseudonyms to equal values of one kind, and to no others', () => {
  const named = fc.record({ kind, value: text });
  fc.assert(
    fc.property(named, named, (one, two) => {
      const [first, second] = [one, two].map((each) => privacy.pseudonym(each.kind, each.value));
      expect(first).toMatch(/^[A-Za-z0-9_-]{22}$/);
      expect(privacy.pseudonym(one.kind, one.value)).toBe(first);
      expect(first === second).toBe(one.kind === two.kind && one.value === two.value);
      expect(other.pseudonym(one.kind, one.value)).not.toBe(first);
    }),
    { numRuns: 300 },
  );
});

test('several keys find and open what any one of them made, in any order', () => {
  const [old, recent] = [privacy, createPrivacy([OTHER_KEY, KEY])];
  const turned = createPrivacy([KEY, OTHER_KEY]);
  fc.assert(
    fc.property(text, text, kind, (value, place, of) => {
      expect(recent.open(old.seal(value, place), place)).toBe(value);
      expect(turned.open(recent.seal(value, place), place)).toBe(value);
      expect(old.open(recent.seal(value, place), place)).toBeUndefined();
      expect(recent.pseudonyms(of, value)).toEqual([other.pseudonym(of, value), old.pseudonym(of, value)]);
      expect(turned.pseudonyms(of, value)).toEqual([...recent.pseudonyms(of, value)].reverse());
    }),
  );
});

test('a signature is valid for its text, its purpose and its key, and for nothing else', () => {
  fc.assert(
    fc.property(text, text, text, text, (value, purpose, elsewhere, changed) => {
      const signature = privacy.sign(purpose, value);
      expect(signature).toMatch(/^[A-Za-z0-9_-]{43}$/);
      expect(privacy.verify(purpose, value, signature)).toBe(true);
      expect(privacy.verify(purpose, changed, signature)).toBe(changed === value);
      expect(privacy.verify(elsewhere, value, signature)).toBe(elsewhere === purpose);
      expect(privacy.verify(purpose + value, '', signature)).toBe(value === '');
      expect(other.verify(purpose, value, signature)).toBe(false);
    }),
    { numRuns: 300 },
  );
});

test('a signature that changed in any way is invalid, and does not throw', () => {
  fc.assert(
    fc.property(
      text,
      fc.oneof(text, fc.string({ unit: fc.constantFrom(...BASE64URL), maxLength: 50 })),
      (value, given) => {
        const signature = privacy.sign('purpose', value);
        expect(privacy.verify('purpose', value, given)).toBe(given === signature);
        expect(privacy.verify('purpose', value, signature.slice(1) + given)).toBe(
          signature.slice(1) + given === signature,
        );
        expect(privacy.verify('purpose', value, signature + given)).toBe(given === '');
      },
    ),
    { numRuns: 300 },
  );
});

test('the newest key signs, and every key verifies', () => {
  const both = createPrivacy([OTHER_KEY, KEY]);
  fc.assert(
    fc.property(text, text, (value, purpose) => {
      expect(both.sign(purpose, value)).toBe(other.sign(purpose, value));
      expect(both.verify(purpose, value, privacy.sign(purpose, value))).toBe(true);
    }),
  );
});

test('each key gives each purpose its own secret, the newest key first', () => {
  const both = createPrivacy([OTHER_KEY, KEY]);
  fc.assert(
    fc.property(text, text, (purpose, elsewhere) => {
      const [secret] = privacy.secrets(purpose);
      expect(secret).toMatch(/^[A-Za-z0-9_-]{43}$/);
      expect(both.secrets(purpose)).toEqual([...other.secrets(purpose), secret]);
      expect(other.secrets(purpose)).not.toContain(secret);
      expect(privacy.secrets(elsewhere).includes(secret)).toBe(elsewhere === purpose);
      expect(secret).not.toBe(privacy.sign(purpose, ''));
    }),
  );
});
