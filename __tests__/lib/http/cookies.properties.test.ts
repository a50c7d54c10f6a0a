import type { IncomingMessage } from 'node:http';
import fc from 'fast-check';
import { anyText } from '@/__tests__/support/any-text';
import { testEnvironment } from '@/__tests__/support/app';
import { loadConfig } from '@/lib/config/config';
import { type CookieName, readCookie } from '@/lib/http/cookies';

const configOf = (origin: string) =>
  loadConfig({
    ...testEnvironment('https://abc12.api.infobip.com'),
    APP_ORIGIN: origin,
  } as unknown as NodeJS.ProcessEnv);
const CONFIGS = { '': configOf('http://localhost:3000'), '__Host-': configOf('https://verify.example.com') };

interface Asked {
  prefix: keyof typeof CONFIGS;
  name: CookieName;
}
const asked = fc.record<Asked>({
  prefix: fc.constantFrom('', '__Host-'),
  name: fc.constantFrom('verification', 'phone-session'),
});

const read = (header: string | undefined, { prefix, name }: Asked): string | undefined =>
  readCookie({ headers: { cookie: header } } as IncomingMessage, CONFIGS[prefix], name);

const handle = fc.stringMatching(/^[A-Za-z0-9_-]{43}$/);
const cookieName = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom('verification', 'phone-session', '__Host-verification', '__Host-phone-session'),
  },
  fc.constantFrom(
    'Verification',
    'verification ',
    '\xa0__Host-verification',
    '__Host-phone-session\x0c',
    'xverification',
    '__host-verification',
    '__proto__',
    'constructor',
  ),
  fc.string(),
);
const cookieValue = fc.oneof(
  { weight: 3, arbitrary: handle },
  handle.map((value) => `"${value}"`),
  handle.map((value) => `${value}=`),
  handle.map((value) => `%${value.charCodeAt(0).toString(16)}${value.slice(1)}`),
  fc.string(),
  anyText(),
);
const pair = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(cookieName, cookieValue).map(([name, value]) => `${name}=${value}`) },
  cookieName,
  anyText(),
);
const header = fc
  .tuple(fc.array(pair, { maxLength: 6 }), fc.constantFrom('; ', ';', ' ; ', ';\t', ';;'))
  .map(([pairs, separator]) => pairs.join(separator));

/** The meaning of a cookie header by RFC 6265: only space and tab surround a name or a value. */
const pairsOf = (text: string) =>
  text.split(';').map((part) => /^[ \t]*([^=]*?)[ \t]*=[ \t]*(.*?)[ \t]*$/s.exec(part)?.slice(1) ?? []);

test('any header gives the first well-formed value under exactly that name, or nothing', () => {
  fc.assert(
    fc.property(header, asked, (text, which) => {
      const named = pairsOf(text).filter(([name]) => name === which.prefix + which.name);
      const first = named.find(([, value]) => /^[A-Za-z0-9_-]{43}$/.test(value ?? ''));
      expect(read(text, which)).toBe(first?.[1]);
    }),
    { numRuns: 500 },
  );
});

/** Characters that parsers trim from a name, and browsers do not: in Latin-1, as Node gives them, and beyond. */
const TRIMMED = [...'\xa0\x0b\x0c\x85\x00\n\r\u2028\u2029\ufeff\u3000\u1680'];

test('a look-alike name is another cookie, and never hides the real one', () => {
  const sign = fc.constantFrom(...TRIMMED);
  const around = fc.tuple(fc.array(sign, { maxLength: 2 }), fc.array(sign, { maxLength: 2 }));
  const lookAlike = around.filter(([front, behind]) => front.length + behind.length > 0);
  fc.assert(
    fc.property(lookAlike, handle, handle, fc.boolean(), asked, ([front, behind], own, planted, first, which) => {
      const name = which.prefix + which.name;
      const theirs = `${front.join('')}${name}${behind.join('')}=${planted}`;
      expect(read(theirs, which)).toBeUndefined();
      const both = [theirs, `${name}=${own}`];
      expect(read((first ? both : both.reverse()).join('; '), which)).toBe(own);
    }),
    { numRuns: 500 },
  );
});

test('a value with anything around it except spaces and tabs is invalid', () => {
  fc.assert(
    fc.property(fc.constantFrom(...TRIMMED, '"', '%'), handle, fc.boolean(), asked, (sign, own, front, which) => {
      const name = which.prefix + which.name;
      expect(read(`${name}=${front ? sign + own : own + sign}`, which)).toBeUndefined();
      expect(read(` \t${name}\t = ${own}\t `, which)).toBe(own);
    }),
  );
});

test('a token is found among any other cookies', () => {
  const other = fc.tuple(fc.stringMatching(/^[a-z_]{1,12}$/), fc.stringMatching(/^[ -:<-~]{0,50}$/));
  const others = fc.array(
    other.map(([name, value]) => `x${name}=${value}`),
    { maxLength: 4 },
  );
  fc.assert(
    fc.property(others, handle, others, asked, (front, value, behind, which) => {
      const own = `${which.prefix}${which.name}=${value}`;
      expect(read([...front, own, ...behind].join('; '), which)).toBe(value);
    }),
    { numRuns: 300 },
  );
});

test('a malformed value under the same name does not hide a well-formed one', () => {
  const malformed = fc.string().filter((text) => !text.includes(';') && !/^[ \t]*[A-Za-z0-9_-]{43}[ \t]*$/.test(text));
  fc.assert(
    fc.property(malformed, handle, fc.boolean(), asked, (planted, own, first, which) => {
      const name = which.prefix + which.name;
      const both = [`${name}=${planted}`, `${name}=${own}`];
      expect(read((first ? both : both.reverse()).join('; '), which)).toBe(own);
    }),
    { numRuns: 300 },
  );
});

test('a cookie without the prefix of its scheme is ignored', () => {
  fc.assert(
    fc.property(handle, asked, (value, { prefix, name }) => {
      const wrong = prefix === '' ? '__Host-' : '';
      expect(read(`${wrong}${name}=${value}`, { prefix, name })).toBeUndefined();
    }),
  );
});
