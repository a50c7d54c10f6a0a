import type { Route } from '@playwright/test';
import { onlyCodeFor, wrongCode } from './inbox';
import { INBOX_URL } from './servers';
import { test as base, expect } from './test';

/** `violations`: everything that the browser refused on the pages of this test, as `directive: source`. */
const test = base.extend<{ violations: string[] }>({
  violations: [
    async ({ page }, use) => {
      const violations: string[] = [];
      await page.exposeFunction('reportViolation', (violation: string) => violations.push(violation));
      await page.addInitScript(() => {
        document.addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI }) => {
          const { reportViolation } = window as unknown as { reportViolation: (violation: string) => void };
          reportViolation(`${effectiveDirective}: ${blockedURI}`);
        });
      });
      await use(violations);
    },
    { auto: true },
  ],
});

test.describe('on every screen', () => {
  test.use({ expectedReplies: ['400 /api/verify-otp', '404 /nope', '405 /favicon.svg'] });

  test('the policy allows everything on the page', async ({ verification, page, violations }) => {
    const number = '+14155552690';
    await verification.open();
    await verification.sendTo(number);
    const code = await onlyCodeFor(number);
    await verification.code.pressSequentially(wrongCode(code));
    await expect(verification.code).toHaveAccessibleDescription(/That code isn't correct/);

    await page.reload();
    await verification.ready();
    await verification.code.fill(code);
    await expect(verification.success).toBeFocused();
    await verification.link('Verify another number').click();
    await expect(verification.number).toBeFocused();
    expect(violations).toEqual([]);
  });

  test('the policy allows everything on the page for unknown addresses', async ({ verification, page, violations }) => {
    await page.goto('/nope');
    await expect(page.getByRole('heading', { name: 'Page not found' })).toBeVisible();
    await page.getByRole('link', { name: 'Verify a phone number' }).click();
    await verification.ready();
    expect(violations).toEqual([]);
  });

  test('the policy allows everything on the error page', async ({ verification, page, violations }) => {
    // Serves the error page as Next does when a page fails, with the headers of every static page.
    const fail = async (route: Route) =>
      route.fulfill({ response: await route.fetch(), path: '.next/server/pages/500.html' });
    await page.route('/nope', fail, { times: 1 });
    await page.goto('/nope');
    await expect(page.getByRole('heading', { name: 'Something went wrong' })).toBeVisible();
    await page.getByRole('link', { name: 'Try again' }).click();
    await verification.ready();
    expect(violations).toEqual([]);
  });
});

test('script that got into the HTML does not run', async ({ page, violations }) => {
  const injected = [
    '<script>document.title = "taken over"</script>',
    '<script nonce="YW5vdGhlciByZXF1ZXN0cw==">document.title = "taken over"</script>',
    `<script src="${INBOX_URL}"></script>`,
    '<img src="/favicon.svg" alt="" onload="document.title = \'taken over\'">',
    `<base href="${INBOX_URL}">`,
  ];
  await page.route('/', async (route) => {
    const response = await route.fetch();
    const html = await response.text();
    await route.fulfill({ response, body: html.replace('</body>', `${injected.join('')}</body>`) });
  });
  await page.goto('/', { waitUntil: 'networkidle' });

  await expect(page).toHaveTitle('Verify your phone number');
  expect(violations.sort()).toEqual([
    `base-uri: ${INBOX_URL}`,
    'script-src-attr: inline',
    `script-src-elem: ${INBOX_URL}`,
    'script-src-elem: inline',
    'script-src-elem: inline',
  ]);
});
