import fc from 'fast-check';
import { anyText } from '@/__tests__/support/any-text';
import { parseAllowed } from '@/lib/limits/policies';

const UNIT_MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const LONGEST_MS = 24 * UNIT_MS.d;

const unit = fc.constantFrom('ms', 's', 'm', 'h', 'd');
const points = fc.integer({ min: 1, max: 999_999_999 });
const windowOf = unit.chain((name) => {
  const least = Math.ceil(1000 / UNIT_MS[name]);
  const most = Math.min(999_999, LONGEST_MS / UNIT_MS[name]);
  return fc.record({ name: fc.constant(name), length: fc.integer({ min: least, max: most }) });
});

test('every valid limit reads as written', () => {
  fc.assert(
    fc.property(points, windowOf, (count, { name, length }) => {
      expect(parseAllowed(`${count}/${length}${name}`)).toEqual({ points: count, windowMs: length * UNIT_MS[name] });
    }),
    { numRuns: 300 },
  );
});

test('a window without a length is one unit long', () => {
  fc.assert(
    fc.property(points, unit, (count, name) => {
      expect(parseAllowed(`${count}/${name}`)).toEqual(parseAllowed(`${count}/1${name}`));
    }),
  );
});

const limitish = fc.string({ unit: fc.constantFrom(...'0123456789/msdh .-+e') });
const nearLimit = fc
  .tuple(fc.bigInt({ min: 0n, max: 10n ** 12n }), fc.bigInt({ min: 0n, max: 10n ** 8n }), unit)
  .map(([count, length, name]) => `${count}/${length}${name}`);

test('no other text is a limit, and every limit allows something within a second to 24 days', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), anyText(), limitish, nearLimit), (text) => {
      const allowed = parseAllowed(text);
      if (!allowed) return;
      expect(text).toMatch(/^\d{1,9}\/\d{0,6}(?:ms|s|m|h|d)$/);
      expect(Number.isSafeInteger(allowed.points) && allowed.points >= 1).toBe(true);
      expect(allowed.windowMs >= 1000 && allowed.windowMs <= LONGEST_MS).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test('a limit with anything around it is not a limit', () => {
  const around = fc.string({ minLength: 1 }).filter((text) => !/^(?:\d+|s)$/.test(text));
  fc.assert(
    fc.property(points, windowOf, around, fc.boolean(), (count, { name, length }, more, inFront) => {
      const limit = `${count}/${length}${name}`;
      expect(parseAllowed(inFront ? more + limit : limit + more)).toBeUndefined();
    }),
    { numRuns: 300 },
  );
});
