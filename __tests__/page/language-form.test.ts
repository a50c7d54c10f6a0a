import { setTimeout as sleep } from 'node:timers/promises';
import { request } from 'undici';
import { cookieOf } from '@/__tests__/support/app';
import { newNumber } from '@/__tests__/support/numbers';
import { useApp } from '@/__tests__/support/use-app';
import type { PageState } from '@/lib/contract';
import { MESSAGES } from '@/lib/i18n';

const SAME_SITE = { 'sec-fetch-site': 'same-origin' };
const FORM_TYPE = { 'content-type': 'application/x-www-form-urlencoded' };

const { app } = useApp();

/** Sends the form of the phone screen to the page, as a browser without script does. */
async function post(
  fields: Record<string, string> | string,
  headers: Record<string, string> = SAME_SITE,
  path = '/',
): Promise<{ status: number; headers: Record<string, string | string[] | undefined>; text: string }> {
  const body = new URLSearchParams(fields).toString();
  const reply = await request(app.url + path, { method: 'POST', headers: { ...FORM_TYPE, ...headers }, body });
  return { status: reply.statusCode, headers: reply.headers, text: await reply.body.text() };
}

/** Sends the form, and follows its redirect with the cookies that came. */
async function change(
  fields: Record<string, string>,
  headers: Record<string, string> = SAME_SITE,
): Promise<{ cookies: string[]; html: string; state: PageState }> {
  const reply = await post(fields, headers);
  expect([reply.status, reply.headers.location, reply.headers['cache-control']]).toEqual([303, '/', 'no-store']);
  const cookies = [reply.headers['set-cookie'] ?? []].flat();
  const cookie = [headers.cookie ?? [], cookies.map((set) => set.split(';')[0] ?? '')].flat().join('; ');
  const html = await (await fetch(`${app.url}/`, { headers: { cookie } })).text();
  const [, data = ''] = /<script id="__NEXT_DATA__"[^>]*>([^<]*)<\/script>/.exec(html) ?? [];
  return { cookies, html, state: (JSON.parse(data) as { props: { pageProps: PageState } }).props.pageProps };
}

const typed = (number: string) => ({ language: 'en', country: 'DE', phoneNumber: number, lang: 'hr' });

test('the page comes in the chosen language, with the number and the country in it', async () => {
  const number = newNumber();
  app.keepOutOfLogs(number.slice(1));
  const { cookies, html, state } = await change(typed(number));
  expect(state).toMatchObject({
    language: 'hr',
    messages: MESSAGES.hr,
    step: 'phone',
    typed: { number, country: 'DE' },
    example: { country: 'DE' },
    problem: null,
  });
  expect(html).toMatch(/<html lang="hr" dir="ltr"/);
  expect(html).toContain(`value="${number}"`);
  expect(html).toMatch(/<option value="DE" selected="">/);
  expect(cookies).toEqual([
    'language=hr; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax',
    expect.stringMatching(/^problem=[\w-]+\.[\w-]{43}; Path=\/; Max-Age=60; HttpOnly; SameSite=Lax$/),
  ]);
});

test('the cookie between the form and the page holds the number encrypted', async () => {
  const number = newNumber();
  const { cookies } = await change(typed(number));
  const [, kept = ''] = /problem=([\w-]+)\./.exec(cookies.join()) ?? [];
  expect(Buffer.from(kept, 'base64url').toString()).not.toContain(number.slice(1));
});

test('a field left empty stays empty', async () => {
  const { state } = await change({ lang: 'de', phoneNumber: '', country: 'AT' });
  expect(state).toMatchObject({ language: 'de', typed: { number: '', country: 'AT' } });
});

test('the phone screen comes back, even while a verification is in progress', async () => {
  const cookie = cookieOf(await app.send(newNumber()));
  const { state } = await change(typed('123'), { ...SAME_SITE, cookie });
  expect(state).toMatchObject({ step: 'phone', pending: { channel: 'sms' } });
});

test('the page shows typed input as text, never as markup', async () => {
  const { html, state } = await change(typed('"><script>alert(1)</script>'));
  expect(state.typed?.number).toBe('"><script>alert(1)</script>');
  expect(html).not.toContain('<script>alert(1)');
});

test.each([
  { 'sec-fetch-site': 'cross-site' },
  { 'sec-fetch-site': 'same-site', origin: 'http://localhost' },
  { origin: 'https://evil.example' },
  { origin: 'null' },
] as Record<string, string>[])('the form of another site gets a refusal, and changes nothing: %o', async (given) => {
  const { status, headers, text } = await post(typed('+14155552671'), given);
  expect([status, JSON.parse(text).code]).toEqual([403, 'FORBIDDEN_ORIGIN']);
  expect([headers['set-cookie'], headers['cache-control']]).toEqual([undefined, 'no-store']);
  expect(headers['content-security-policy']).toBe("default-src 'none'; frame-ancestors 'none'");
});

test.each<[string, Record<string, string> | string, number, string]>([
  ['no language', { phoneNumber: '1' }, 400, 'INVALID_REQUEST'],
  ['an unknown language', { ...typed('1'), lang: 'xx' }, 400, 'INVALID_REQUEST'],
  ['two languages', 'phoneNumber=1&lang=de&lang=fr', 400, 'INVALID_REQUEST'],
  ['no number', { lang: 'de' }, 400, 'INVALID_REQUEST'],
  ['a number that the field does not hold', typed('1'.repeat(33)), 400, 'INVALID_REQUEST'],
  ['an unknown country', { ...typed('1'), country: 'nowhere' }, 400, 'INVALID_REQUEST'],
  ['too much', typed('1'.repeat(5000)), 413, 'BODY_TOO_LARGE'],
])('a form with %s gets a refusal', async (_what, fields, status, code) => {
  const reply = await post(fields);
  expect([reply.status, JSON.parse(reply.text).code]).toEqual([status, code]);
  expect(reply.headers['set-cookie']).toBeUndefined();
});

test.each<[string, Record<string, string>, string]>([
  ['a program', {}, '/'],
  ['another type', { ...SAME_SITE, 'content-type': 'multipart/form-data; boundary=x' }, '/'],
  ['another page', SAME_SITE, '/about'],
  ['an address with a query', SAME_SITE, '/?lang=de'],
])('pages refuse every other POST request: %s', async (_what, headers, path) => {
  const reply = await post(typed('1'), headers, path);
  expect([reply.status, reply.headers.allow]).toEqual([405, 'GET, HEAD']);
});

test('the log reports a form of another site', async () => {
  const before = app.output.length;
  await post(typed('1'), { 'sec-fetch-site': 'cross-site' });
  while (!app.output.slice(before).includes('"event":"request.cross_site"')) await sleep(10);
});
