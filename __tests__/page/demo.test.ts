import { useAnotherApp, useApp } from '@/__tests__/support/use-app';

const INBOX = 'http://127.0.0.1:4010';

const { app, startApp } = useApp();
const demo = useAnotherApp(() => startApp({ DEMO_INBOX_URL: `${INBOX}/inbox` }));

/** The policy of a reply, without its nonce. */
const policyOf = (reply: Response) =>
  reply.headers.get('content-security-policy')?.replace(/nonce-[^']+/, 'nonce') ?? '';

test('without a demo, /demo does not exist', async () => {
  const reply = await fetch(`${app.url}/demo`);
  expect([reply.status, policyOf(reply)]).toEqual([404, expect.not.stringContaining('frame-src')]);
});

test('in a demo, /demo may show the inbox in a frame, and otherwise has the policy of production', async () => {
  const reply = await fetch(`${demo.url}/demo`);
  expect([reply.status, reply.headers.get('x-frame-options')]).toEqual([200, 'DENY']);
  expect(await reply.text()).toContain(`<iframe class="`);
  const production = policyOf(await fetch(app.url));
  expect(policyOf(reply).replace(`frame-src ${INBOX}; `, '')).toBe(production);
  expect(policyOf(reply)).not.toBe(production);
});

test('in a demo, every other page has the policy of production', async () => {
  for (const path of ['/', '/about', '/nope'])
    expect(policyOf(await fetch(demo.url + path))).toBe(policyOf(await fetch(app.url + path)));
});
