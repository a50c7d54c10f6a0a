import { createRequire } from 'node:module';
import { parseEnv } from 'node:util';
import fc from 'fast-check';
import { lostInNode, readVariables, setVariables } from '@/scripts/setup/env-lines';

type Loader = typeof import('@next/env');
/** Next's own loader of env files, from the package on which Next depends. */
const { processEnv } = createRequire(require.resolve('next/package.json'))('@next/env') as Loader;

/** An env file as Next reads it. */
function readByNext(contents: string): Record<string, string | undefined> {
  const before = { ...process.env };
  const [, parsed] = processEnv([{ path: '.env.local', contents, env: {} }], '.', { info() {}, error() {} }, true);
  for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
  return parsed ?? {};
}

const VALUES = {
  INFOBIP_BASE_URL: 'https://abc12.api.infobip.com',
  INFOBIP_API_KEY: `key#with "quotes' in=it`,
  PRIVACY_KEY: 'kOQRGZPB2mgNS47lpdp7Z8zlwQ3R5SyHwbDJgv6oy94=',
  PROOF_PRIVATE_JWK: '{"kty":"EC","x":"a-b_c"}',
};
const NAMES = Object.keys(VALUES);

const expectReadable = (text: string) => {
  expect(parseEnv(text)).toMatchObject(VALUES);
  expect(readByNext(text)).toMatchObject(VALUES);
};

const KEPT = [
  '# a comment with INFOBIP_API_KEY=old in it',
  '#PRIVACY_KEY=',
  '',
  'OTHER=1',
  'export OTHER_2="two words" # and a comment',
  "MULTI='first\nINFOBIP_API_KEY=not this one\nlast'",
  'MULTI_2="a\nPRIVACY_KEY=nor this"',
  'EMPTY=',
  'INFOBIP_API_KEY_2=x',
  'URL=https://example.com/?a=b',
];

/** A line with a value to replace. */
const replaced = fc
  .tuple(
    fc.constantFrom('', 'export ', '  '),
    fc.constantFrom(...NAMES),
    fc.constantFrom('=', ' = ', '= '),
    fc.constantFrom('', 'old', '"old"', "'old'", '`old`', '"two\nlines"', "'a # b'", 'your_api_key'),
    fc.constantFrom('', ' ', ' # why'),
  )
  .map((parts) => parts.join(''));

describe('setting variables in an env file', () => {
  test('keeps every other line as it is, in its place, and both loaders read the new values', () => {
    const line = fc.oneof(fc.constantFrom(...KEPT), replaced);
    fc.assert(
      fc.property(
        fc.array(line, { maxLength: 12 }),
        fc.constantFrom('\n', '\r\n'),
        fc.boolean(),
        (lines, end, ended) => {
          const text = lines.join('\n').replaceAll('\n', end) + (ended && lines.length > 0 ? end : '');
          const result = setVariables(text, VALUES);
          expectReadable(result);
          const others = (all: Record<string, string | undefined>) =>
            Object.fromEntries(Object.entries(all).filter(([name]) => !NAMES.includes(name)));
          expect(others(readByNext(result))).toEqual(others(readByNext(text)));
          let from = 0;
          for (const kept of lines.filter((one) => KEPT.includes(one))) {
            const at = result.indexOf(kept.replaceAll('\n', end), from);
            expect([kept, at >= from]).toEqual([kept, true]);
            from = at + kept.length;
          }
          expect(result.includes('\r\n')).toBe(end === '\r\n' && text.includes('\r\n'));
          expect(setVariables(result, VALUES)).toBe(result);
        },
      ),
      { numRuns: 300, examples: [[['INFOBIP_BASE_URL="two\nlines"'], '\r\n', false]] },
    );
  });

  test.each([
    ['A=1', 'A=1\n# Added by npm run setup\nB=new\n'],
    ['A=1\n', 'A=1\n# Added by npm run setup\nB=new\n'],
    ['A=1\r\n', 'A=1\r\n# Added by npm run setup\r\nB=new\r\n'],
    ['', '# Added by npm run setup\nB=new\n'],
    ['B=old', 'B=new'],
    ['B=', 'B=new'],
    ['B=old # why', 'B=new # why'],
    ['B=\n\n# next\n', 'B=new\n\n# next\n'],
    ['export B="old"\r\nA=1', 'export B=new\r\nA=1'],
    ['B=1\nA=1\nB=2\n', 'B=new\nA=1\nB=new\n'],
    ['B="one\ntwo"\nA=1\n', 'B=new\nA=1\n'],
    ['B: old\n', 'B=new\n'],
    ['B: new\n', 'B=new\n'],
    ['B="new"\n', 'B="new"\n'],
    ['toString=1\nconstructor=2\nB=1\n', 'toString=1\nconstructor=2\nB=new\n'],
    ['__proto__=1\nB=1\n', '__proto__=1\nB=new\n'],
  ])('turns %j into the right text', (text, expected) => {
    expect(setVariables(text, { B: 'new' })).toBe(expected);
  });

  test.each(['a$b', '$', '$A', 'a\\b', 'a\nb', `'"\``])('refuses the value %j, without repeating it', (value) => {
    expect(() => setVariables('', { INFOBIP_API_KEY: value })).toThrow(/^INFOBIP_API_KEY holds a \$, a backslash or/);
  });

  test('refuses a file in which a quote without an end would swallow the new lines', () => {
    expect(() => setVariables(`A='open\n`, { B: '#x' })).toThrow(
      /With B in it, the env file would no longer be readable/,
    );
  });

  test('reports what spaces keep Node 20 from finding', () => {
    const text = setVariables('A=1\n   ', { B: 'new' });
    expect(readByNext(text)).toEqual({ A: '1', B: 'new' });
    expect(lostInNode(text, { B: 'new' })).toEqual(parseEnv(text).B === 'new' ? [] : ['B']);
    expect(lostInNode('', { B: 'new' })).toEqual(['B']);
  });

  test('reads values as Next does', () => {
    const text = 'A=1 # c\nexport B="x\\ny"\nC=\'q"\'\nD: 4\nE=\nA=2\n';
    expect(readVariables(text)).toEqual({ A: '2', B: 'x\ny', C: 'q"', D: '4', E: '' });
    expect(readByNext(text)).toEqual(readVariables(text));
  });
});
