import fc from 'fast-check';
import { anyText } from '@/__tests__/support/any-text';
import { describeError } from '@/lib/observability/logger';

const digits = fc.oneof(fc.stringMatching(/^[0-9]{4,20}$/), fc.stringMatching(/^[٠-٩]{4,20}$/));
const separator = fc.constantFrom(
  '',
  ' ',
  '\n',
  '\n    at ',
  '\n at async ',
  '\t',
  '/',
  '{"pin":"',
  '+',
  ':1:1',
  '(file.js:',
);
const piece = fc.oneof(separator, fc.string(), anyText());
const message = fc
  .tuple(piece, separator, digits, separator, piece)
  .map((parts) => ({ secret: parts[2], text: parts.join('') }));
const errorClass = fc.constantFrom(Error, TypeError, RangeError, SyntaxError);

test('a described error has none of the digits of its message, wherever they stood', () => {
  fc.assert(
    fc.property(message, errorClass, ({ secret, text }, Kind) => {
      const described = describeError(new Kind(text));
      expect(described.name).toBe(Kind.name);
      expect(described.message).not.toMatch(/\p{Nd}{4}/u);
      expect(JSON.stringify({ ...described, stack: described.stack?.replace(/:\d+:\d+\)?$/gm, '') })).not.toContain(
        secret,
      );
    }),
    { numRuns: 500 },
  );
});

test('a described error names the place that threw it', () => {
  fc.assert(
    fc.property(message, ({ text }) => {
      expect(describeError(new Error(text)).stack).toContain('logger.properties.test.ts');
    }),
  );
});

test('a described error does not repeat a token or a key', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[A-Za-z0-9_-]{20,80}$/), separator, (secret, around) => {
      expect(JSON.stringify(describeError(new Error(`${around}${secret}${around}`)))).not.toContain(secret);
    }),
  );
});

test('a thrown value that is not an Error appears as its type alone', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.integer(), fc.jsonValue(), fc.object()), (thrown) => {
      expect(describeError(thrown)).toEqual({ name: typeof thrown });
    }),
  );
});
