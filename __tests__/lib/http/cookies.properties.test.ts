import fc from 'fast-check';
import { getCookieParser } from 'next/dist/server/api-utils/get-cookie-parser';
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

/** With the parser that Next gives routes their cookies by. */
function read(header: string | undefined, { prefix, name }: Asked): string | undefined {
  const headers = header === undefined ? {} : { cookie: header };
  const cookies = getCookieParser(headers)() as Record<string, string>;
  return readCookie({ cookies, headers }, CONFIGS[prefix], name);
}

const handle = fc.stringMatching(/^[A-Za-z0-9_-]{43}$/);
const cookieName = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom('verification', 'phone-session', '__Host-verification', '__Host-phone-session'),
  },
  fc.constantFrom('Verification', 'verification ', 'xverification', '__host-verification', '__proto__', 'constructor'),
  fc.string(),
);
const cookieValue = fc.oneof(
  { weight: 3, arbitrary: handle },
  handle.map((value) => `"${value}"`),
  handle.map((value) => `${value}=`),
  handle.map((value) => `%${value.charCodeAt(0).toString(16)}${value.slice(1)}`),
  fc.string(),
  fc.string({ unit: 'binary' }),
);
const pair = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(cookieName, cookieValue).map(([name, value]) => `${name}=${value}`) },
  cookieName,
  fc.string({ unit: 'binary' }),
);
const header = fc
  .tuple(fc.array(pair, { maxLength: 6 }), fc.constantFrom('; ', ';', ' ; ', ';\t', ';;'))
  .map(([pairs, separator]) => pairs.join(separator));

test('from any header comes nothing, or a handle that stood there once under exactly that name', () => {
  fc.assert(
    fc.property(header, asked, (text, which) => {
      const found = read(text, which);
      if (found === undefined) return;
      expect(found).toMatch(/^[A-Za-z0-9_-]{43}$/);
      const named = text.split(';').filter((part) => part.split('=')[0]?.trim() === which.prefix + which.name);
      expect(named).toHaveLength(1);
      const value = (named[0] ?? '').slice((named[0] ?? '').indexOf('=') + 1).trim();
      expect(decodeURIComponent(value.replace(/^"(.*)"$/s, '$1'))).toBe(found);
    }),
    { numRuns: 500 },
  );
});

test('a handle is found among any other cookies', () => {
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

test('a name that comes twice is no cookie, whatever stands between, before and behind', () => {
  fc.assert(
    fc.property(fc.array(pair), handle, fc.oneof(handle, fc.string()), asked, (others, own, planted, which) => {
      const name = which.prefix + which.name;
      const both = [`${name}=${own}`, ...others, `${name}=${planted}`];
      expect(read(both.join('; '), which)).toBeUndefined();
      expect(read(both.reverse().join('; '), which)).toBeUndefined();
    }),
    { numRuns: 300 },
  );
});

test('without the prefix of its scheme a cookie is not read', () => {
  fc.assert(
    fc.property(handle, asked, (value, { prefix, name }) => {
      const wrong = prefix === '' ? '__Host-' : '';
      expect(read(`${wrong}${name}=${value}`, { prefix, name })).toBeUndefined();
    }),
  );
});
