import fc from 'fast-check';
import { requestId } from '@/lib/http/request-id';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const idish = fc.string({ unit: fc.constantFrom(...'abzAZ019-_ \n'), maxLength: 80 });

test('a request id is the caller’s where that can stand in a log, else a new one', () => {
  const header = fc.oneof(fc.string({ unit: 'binary' }), idish, fc.array(idish), fc.constant(undefined));
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

test('an id of letters, digits and dashes is kept, and so are UUIDs and ids of traces', () => {
  const trace = fc.stringMatching(/^[0-9a-f]{32}$/).filter((text) => /[a-f]/.test(text));
  const words = fc
    .stringMatching(/^[A-Za-z0-9-]{8,64}$/)
    .filter((text) => /[A-Za-z]/.test(text) && !/\d{7}/.test(text));
  const id = fc.oneof(
    words,
    fc.uuid().filter((text) => /[a-f]/.test(text)),
    trace,
  );
  fc.assert(fc.property(id, (given) => expect(requestId(given)).toBe(given)));
});

test('digits alone, which could be a phone number, are never kept', () => {
  fc.assert(fc.property(fc.stringMatching(/^[0-9-]{8,64}$/), (given) => expect(requestId(given)).toMatch(UUID)));
});

test('a phone number in it is never kept', () => {
  const number = fc.stringMatching(/^[1-9][0-9]{6,14}$/);
  const around = fc.stringMatching(/^[A-Za-z-]{1,20}$/);
  const id = fc.tuple(around, number, fc.oneof(fc.constant(''), around)).map((parts) => parts.join(''));
  // Sixteen and more hexadecimal digits are taken for the id of a trace.
  const likeTrace = /(^|-)[0-9a-f]{16,}(-|$)/i;
  fc.assert(
    fc.property(
      id.filter((text) => !likeTrace.test(text)),
      (given) => expect(requestId(given)).toMatch(UUID),
    ),
  );
});
