import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { anyText } from '@/__tests__/support/any-text';
import { hmacSha256 } from '@/lib/hmac';

test("the HMAC equals the platform's HMAC-SHA256 for every key and text", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), anyText({ maxLength: 300 }), (bytes, text) => {
      const key = Buffer.from(bytes);
      expect(hmacSha256(key)(text)).toBe(createHmac('sha256', key).update(text).digest('hex'));
    }),
    { numRuns: 500 },
  );
});

test('a text leaves nothing of itself to the next one', () => {
  const key = Buffer.alloc(32, 7);
  const mac = hmacSha256(key);
  for (const text of ['a'.repeat(300), 'a'.repeat(256), '', 'ab', 'a']) {
    expect(mac(text)).toBe(createHmac('sha256', key).update(text).digest('hex'));
  }
});

test('a key that would need hashing first is refused', () => {
  expect(() => hmacSha256(Buffer.alloc(65))).toThrow('too long');
});
