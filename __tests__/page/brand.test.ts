import { readFileSync } from 'node:fs';
import { useAnotherApp, useApp } from '@/__tests__/support/use-app';
import { createBrand } from '@/lib/http/brand';
import { MESSAGES } from '@/lib/i18n';
import { isLanguage, LANGUAGES } from '@/lib/i18n/languages';
import { say } from '@/lib/i18n/say';

const SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><rect width="1" height="1"/></svg>';
const BRAND = { BRAND_NAME: 'A & B', BRAND_COLOR: '5b3df5', BRAND_LOGO: 'favicon.svg' };

const { app: plain, startApp } = useApp();
const branded = useAnotherApp(() => startApp(BRAND));
const withDataUrl = useAnotherApp(() =>
  startApp({ BRAND_LOGO: `data:image/svg+xml;base64,${Buffer.from(SVG).toString('base64')}` }),
);

type App = typeof plain;
const get = (app: App, path: string, language = 'en') =>
  fetch(app.url + path, { headers: { 'Accept-Language': language } });
const htmlOf = async (app: App, path: string, language?: string) => (await get(app, path, language)).text();

const textOf = (html: string, tag: string) =>
  new RegExp(`<${tag}[^>]*>([^<]*)</${tag}>`).exec(html)?.[1]?.replaceAll('&amp;', '&');
const addressOf = (html: string, name: string) =>
  new RegExp(`(?:src|href)="(/brand/${name}\\?v=[\\w-]{12})"`).exec(html)?.[1] ?? '';
const policyOf = (reply: Response) => reply.headers.get('content-security-policy')?.replace(/nonce-[^']+/, 'nonce');

describe('a page with a brand', () => {
  test.each(Object.keys(LANGUAGES).filter(isLanguage))(
    'names it in the title and the heading in %s',
    async (language) => {
      const html = await htmlOf(branded, '/', language);
      const expected = say(MESSAGES[language].brandedTitle, { brand: BRAND.BRAND_NAME });
      expect([textOf(html, 'title'), textOf(html, 'h1')]).toEqual([expected, expected]);
    },
  );

  test('shows the logo, which stands for the name', async () => {
    for (const path of ['/', '/about']) {
      const html = await htmlOf(branded, path);
      expect(html).toMatch(/<img[^>]* src="\/brand\/logo\?v=[\w-]+"[^>]* alt="A &amp; B"/);
    }
  });

  test('has its own colors, which browsers keep for as long as they stay the same', async () => {
    const address = addressOf(await htmlOf(branded, '/'), 'styles.css');
    const reply = await get(branded, address);
    expect(reply.headers.get('content-type')).toBe('text/css; charset=utf-8');
    expect(reply.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(await reply.text()).toMatch(/^:root:root\{--color-brand:#5b3df5;.*prefers-color-scheme:dark/);
  });

  test('has its colors and its logo on the page for unknown addresses, too', async () => {
    const html = await htmlOf(branded, '/nope');
    expect(html).toContain('<link rel="stylesheet" href="/brand/styles.css"');
    expect(html).toContain(' brand-mark"');
    const reply = await get(branded, '/brand/styles.css');
    const styles = await reply.text();
    expect([reply.headers.get('cache-control'), styles]).toEqual(['no-store', expect.stringContaining('#5b3df5')]);
    const [, logo = ''] = /\.brand-mark>\*\{[^}]*url\("([^"]+)"\)/.exec(styles) ?? [];
    expect((await get(branded, logo)).headers.get('content-type')).toBe('image/svg+xml');
    // The name is there only for screen readers.
    expect(styles).toMatch(/\.brand-mark::after\{content:"A & B"\}.*::after\{[^}]*clip-path:inset\(50%\)\}$/);
  });

  test('may do no more than the page without one', async () => {
    const policies = await Promise.all([plain, branded, withDataUrl].map(async (app) => policyOf(await get(app, '/'))));
    expect(new Set(policies).size).toBe(1);
    expect(policies[0]).toContain("img-src 'self';");
  });

  test.each([
    ['a file', () => branded, () => readFileSync('public/favicon.svg', 'utf8')],
    ['a data: URL', () => withDataUrl, () => SVG],
  ])('has the logo of %s, which runs no script in a window of its own', async (_kind, appOf, contentsOf) => {
    const app = appOf();
    const reply = await get(app, addressOf(await htmlOf(app, '/'), 'logo'));
    expect(await reply.text()).toBe(contentsOf());
    expect(Object.fromEntries(reply.headers)).toMatchObject({
      'content-type': 'image/svg+xml',
      'x-content-type-options': 'nosniff',
      'content-security-policy':
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox; frame-ancestors 'none'",
    });
  });
});

test('a name without a logo stands beside the symbol on static pages, whatever characters it contains', () => {
  const { files } = createBrand({ name: 'A "B" \\ C', logo: undefined, colors: undefined });
  expect(files['styles.css']?.bytes.toString()).toBe('.brand-mark::after{content:"A \\"B\\" \\\\ C"}');
});

describe('a page without a brand', () => {
  test('has a title and a heading of its own, and loads nothing of a brand', async () => {
    const html = await htmlOf(plain, '/');
    expect([textOf(html, 'title'), textOf(html, 'h1')]).toEqual([
      'Verify your phone number',
      'Verify your phone number',
    ]);
    expect(html).not.toContain('/brand/');
  });

  test.each(['/brand/logo', '/brand/other', '/brand/constructor', '/brand/'])('has no %s', async (path) => {
    expect((await get(plain, path)).status).toBe(404);
  });

  test('has an empty style sheet for the pages that the build renders', async () => {
    const reply = await get(plain, '/brand/styles.css');
    expect([reply.status, await reply.text()]).toEqual([200, '']);
  });
});
