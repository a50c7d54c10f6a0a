import fc from 'fast-check';
import { anyText } from '@/__tests__/support/any-text';
import { requestId } from '@/lib/http/request-id';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const idish = fc.string({ unit: fc.constantFrom(...'abzAZ019-_ \n'), maxLength: 80 });

test('a request id is the caller’s if it is safe in a log, otherwise a new one', () => {
  const header = fc.oneof(anyText(), idish, fc.array(idish), fc.constant(undefined));
  fc.assert(
    fc.property(header, (given) => {
      const id = requestId(given);
      expect(id).toMatch(/^[A-Za-z0-9-]{8,64}$/);
      expect(id).toMatch(/[A-Za-z]/);
      if (id !== given) expect(id).toMatch(UUID);
    }),
    { numRuns: 500 },
  );
});

test('an id of letters, digits and dashes stays', () => {
  const id = fc.stringMatching(/^[A-Za-z0-9-]{8,64}$/).filter((text) => /[A-Za-z]/.test(text));
  fc.assert(fc.property(id, (given) => expect(requestId(given)).toBe(given)));
});

test('an id of digits alone, which could be a phone number, is replaced', () => {
  fc.assert(fc.property(fc.stringMatching(/^[0-9-]{8,64}$/), (given) => expect(requestId(given)).toMatch(UUID)));
});
