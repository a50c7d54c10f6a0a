import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { testEnvironment } from '@/__tests__/support/app';
import { contrastOf, GROUNDS, parseBrandColors } from '@/lib/config/brand-colors';
import { type ConfigError, loadConfig } from '@/lib/config/config';

const BASE = testEnvironment('http://127.0.0.1:9');
const load = (more: Record<string, string>) => loadConfig({ ...BASE, ...more } as unknown as NodeJS.ProcessEnv).brand;

function faultsOf(more: Record<string, string>): readonly string[] {
  try {
    load(more);
    return [];
  } catch (error) {
    return (error as ConfigError).faults;
  }
}

function colorsOf(text: string) {
  const result = parseBrandColors(text);
  if ('fault' in result) throw new Error(result.fault);
  return result.colors;
}

const channel = fc.integer({ min: 0, max: 255 });
const hex = fc
  .tuple(channel, channel, channel)
  .map((channels) => channels.map((value) => value.toString(16).padStart(2, '0')).join(''));

describe('BRAND_NAME', () => {
  test.each(['Example', 'Škoda', 'مثال', 'A & B <Ltd>', 'n'.repeat(40)])('may be %j', (BRAND_NAME) => {
    expect(load({ BRAND_NAME }).name).toBe(BRAND_NAME);
  });

  test.each(['two\nlines', 'n'.repeat(41), '{{pin}}', 'left\u202eright'])('must not be %j', (BRAND_NAME) => {
    expect(faultsOf({ BRAND_NAME })).toEqual([expect.stringMatching(/^BRAND_NAME must be 1 to 40 characters/)]);
  });
});

describe('BRAND_COLOR', () => {
  test('may be written with a # or without', () => {
    expect(load({ BRAND_COLOR: '#5B3DF5' }).colors).toEqual(load({ BRAND_COLOR: '5b3df5' }).colors);
  });

  test('is used as it is in the light scheme, and a second one in the dark scheme', () => {
    const { light, dark } = colorsOf('0b6663, 6dd3c9');
    expect([light.brand, dark.brand]).toEqual(['#0b6663', '#6dd3c9']);
  });

  test('can be read on everything that it lies on, and so can the text on it', () => {
    fc.assert(
      fc.property(hex, (color) => {
        const result = parseBrandColors(color);
        if ('fault' in result) return;
        for (const scheme of ['light', 'dark'] as const) {
          const { brand, strong, onBrand, soft } = result.colors[scheme];
          const { page, surface } = GROUNDS[scheme];
          for (const other of [page, surface, soft, onBrand]) {
            expect(contrastOf(brand, other)).toBeGreaterThanOrEqual(4.5);
            expect(contrastOf(strong, other)).toBeGreaterThanOrEqual(4.5);
          }
        }
      }),
    );
  });

  test('is refused if it is too hard to read, and the shade that the fault names is accepted', () => {
    fc.assert(
      fc.property(hex, fc.boolean(), (color, isSecond) => {
        const result = parseBrandColors(isSecond ? `0b6663,${color}` : color);
        if ('colors' in result) return;
        const [, scheme, shade = ''] = /in the (light|dark) .* Use ([0-9a-f]{6}) or/.exec(result.fault) ?? [];
        expect(scheme).toBe(isSecond ? 'dark' : 'light');
        expect(parseBrandColors(isSecond ? `0b6663,${shade}` : shade)).toHaveProperty('colors');
      }),
    );
  });

  test('the fault says what is too low, and what to use', () => {
    expect(faultsOf({ BRAND_COLOR: 'ffcc00' })).toEqual([
      'BRAND_COLOR is too hard to read in the light color scheme: its contrast is 1.3:1, and text needs 4.5:1. Use 876c00 or a darker shade.',
    ]);
    expect(faultsOf({ BRAND_COLOR: 'ffcc00,0b6663' })[0]).toMatch(/light color scheme.* It is .*dark color scheme/);
  });

  test.each(['red', '#fff', '5b3df5ff', '5b3df5,', '0b6663,6dd3c9,6dd3c9', 'rgb(1,2,3)'])(
    'must not be %s',
    (BRAND_COLOR) => {
      expect(faultsOf({ BRAND_COLOR })).toEqual([expect.stringMatching(/^BRAND_COLOR must be one color like 5b3df5/)]);
    },
  );

  test('is compared with the colors that the page has', () => {
    const [light = '', dark = ''] = readFileSync('styles/tokens.css', 'utf8').split('prefers-color-scheme: dark');
    for (const [tokens, { page, surface }] of [
      [light, GROUNDS.light],
      [dark, GROUNDS.dark],
    ] as const) {
      expect(tokens).toContain(`--color-page: ${page};`);
      expect(tokens).toContain(`--color-surface: ${surface};`);
    }
  });
});

describe('BRAND_LOGO', () => {
  test.each(['favicon.svg', '/favicon.svg', 'public/favicon.svg'])('may be the file %s', (BRAND_LOGO) => {
    expect(load({ BRAND_LOGO }).logo).toEqual({ ending: 'svg', file: 'favicon.svg' });
  });

  test('may have a name in capital letters, in a folder', () => {
    expect(load({ BRAND_LOGO: 'brand/Logo-1.PNG' }).logo).toEqual({ ending: 'png', file: 'brand/Logo-1.PNG' });
  });

  test('may be a data: URL, in base64 or percent-encoded', () => {
    const svg = '<svg xmlns="http://www.w3.org/2000/svg"/>';
    const logo = { ending: 'svg', base64: Buffer.from(svg).toString('base64') };
    expect(load({ BRAND_LOGO: `data:image/svg+xml;base64,${logo.base64}` }).logo).toEqual(logo);
    expect(load({ BRAND_LOGO: `data:image/svg+xml,${encodeURIComponent(svg)}` }).logo).toEqual(logo);
    expect(load({ BRAND_LOGO: `data:image/svg+xml;charset=utf-8,${svg}` }).logo).toEqual(logo);
  });

  test.each([
    '../package.json',
    '../logo.svg',
    'a/../../logo.svg',
    'logo.gif',
    'logo',
    'https://example.com/logo.svg',
    'data:text/html,<script>',
    'data:image/png;base64,%%',
    'data:image/svg+xml,%zz',
  ])('must not be %s', (BRAND_LOGO) => {
    expect(faultsOf({ BRAND_LOGO })).toEqual([expect.stringMatching(/^BRAND_LOGO must be an SVG, PNG, WebP or JPEG/)]);
  });
});
