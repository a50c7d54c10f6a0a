import { cookieOf, TestApp } from '@/__tests__/support/app';
import { describeWithRedis, TestRedis } from '@/__tests__/support/redis';
import { useApp } from '@/__tests__/support/use-app';
import { makePrivacyKey } from '@/lib/config/keys';
import type { PageState } from '@/lib/contract';
import { MESSAGES } from '@/lib/i18n';
import { createPrivacy } from '@/lib/privacy';

const NUMBER = '+14155552671';
const GERMAN = { 'accept-language': 'de-AT,de;q=0.8,en;q=0.5' };

const { app, simulator } = useApp();

async function load(path = '/', headers: Record<string, string> = {}, on = app) {
  const { request } = await import('undici');
  const reply = await request(on.url + path, { headers });
  const html = await reply.body.text();
  expect(reply.headers['cache-control']).toBe('no-store');
  const data = /<script id="__NEXT_DATA__"[^>]*>([^<]*)<\/script>/.exec(html)?.[1];
  const state = data === undefined ? undefined : (JSON.parse(data) as { props: { pageProps: PageState } });
  const [, lang, dir] = /<html lang="(\w*)" dir="(\w*)"/.exec(html) ?? [];
  return {
    status: reply.statusCode,
    headers: reply.headers,
    html,
    lang,
    dir,
    state: state?.props.pageProps as PageState,
  };
}

describe('the language of the page', () => {
  test.each([
    ['de-AT,de;q=0.8', 'de', 'ltr'],
    ['ar', 'ar', 'rtl'],
    ['tlh', 'en', 'ltr'],
    ['', 'en', 'ltr'],
  ] as const)('follows Accept-Language %p: %s', async (header, language, direction) => {
    const { state, lang, dir, html } = await load('/', { 'accept-language': header });
    expect([state.language, state.messages, lang, dir]).toEqual([language, MESSAGES[language], language, direction]);
    expect(/<title[^>]*>([^<]*)/.exec(html)?.[1]).toBe(MESSAGES[language].title);
  });

  test("follows the person's choice for a year, and the choice redirects to the page", async () => {
    const { status, headers } = await load('/?lang=hr', GERMAN);
    expect([status, headers.location]).toEqual([303, '/']);
    expect(headers['set-cookie']).toBe('language=hr; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax');
    expect((await load('/', { ...GERMAN, cookie: 'language=hr' })).lang).toBe('hr');
    expect((await load('/?lang=hr&step=phone&other=1')).headers.location).toBe('/?step=phone');
  });

  test.each(['/?lang=xx', '/?lang=', '/?lang=de&lang=fr', '/?lang=constructor', '/?lang=//evil.example'])(
    'does not change with %s',
    async (path) => {
      const { status, headers, lang } = await load(path, GERMAN);
      expect([status, headers['set-cookie'], lang]).toEqual([200, undefined, 'de']);
    },
  );

  test.each(['language=xx', 'language=', 'language=constructor'])('does not follow the cookie %p', async (cookie) => {
    expect((await load('/', { ...GERMAN, cookie })).lang).toBe('de');
  });

  test('is English on error pages', async () => {
    const reply = await fetch(`${app.url}/nope`, { headers: GERMAN });
    expect(await reply.text()).toContain('<html lang="en" dir="ltr"');
  });
});

describe('the countries', () => {
  test("are all that have phone numbers, by name in the page's language", async () => {
    const { state } = await load('/', GERMAN);
    const names = state.countries.map(({ name }) => name);
    expect(state.countries.length).toBeGreaterThan(230);
    expect(state.countries).toContainEqual({ code: 'AT', name: 'Österreich', callingCode: '43' });
    expect(names).toEqual([...names].sort(new Intl.Collator('de').compare));
    expect([state.country, state.callCountries]).toEqual(['AT', null]);
  });

  test.each([
    ['', 'en', 'US'],
    ['de', 'de', 'DE'],
    ['fr-CA', 'fr', 'CA'],
    ['*', 'en', 'US'],
  ])('have the likely one selected: Accept-Language %p', async (header, language, country) => {
    const { state } = await load('/', { 'accept-language': header });
    expect([state.language, state.country]).toEqual([language, country]);
  });

  test('are only the allowed ones, and a guess outside them gives way to the first of ALLOWED_COUNTRIES', async () => {
    const few = await TestApp.start(simulator.url, { ALLOWED_COUNTRIES: 'HR,AT', VOICE_COUNTRIES: 'HR' });
    const english = await load('/', { 'accept-language': 'en-US' }, few);
    expect(english.state).toMatchObject({
      countries: [
        { code: 'AT', name: 'Austria', callingCode: '43' },
        { code: 'HR', name: 'Croatia', callingCode: '385' },
      ],
      country: 'HR',
      callCountries: ['HR'],
    });
    expect((await load('/', GERMAN, few)).state.country).toBe('AT');
    await few.stop();
  });

  test('are none of the blocked ones, and a guess among those gives way to the home country', async () => {
    // The same process then serves the next app, which must not offer the countries of this one.
    const all = await TestApp.start(simulator.url);
    await load('/', { 'accept-language': 'en-US' }, all);
    await all.stop();
    const few = await TestApp.start(simulator.url, { BLOCKED_COUNTRIES: 'US,GB', HOME_COUNTRY: 'IE' });
    const { state } = await load('/', { 'accept-language': 'en-US' }, few);
    const codes = state.countries.map(({ code }) => code);
    expect(codes.filter((code) => ['US', 'GB', 'IE'].includes(code))).toEqual(['IE']);
    expect([codes.length > 230, state.country]).toEqual([true, 'IE']);
    await few.stop();
  });
});

describe('the screen', () => {
  test('is that of the number, the code or the success, and that of the number whenever the address asks for it', async () => {
    expect((await load()).state).toMatchObject({ step: 'phone', pending: null, verifiedNumber: null, problem: null });

    const cookie = cookieOf(await app.send(NUMBER));
    const pending = { to: '+1 •••••••671', attemptsRemaining: 5, callOffered: false };
    expect((await load('/', { cookie })).state).toMatchObject({ step: 'code', pending });
    expect((await load('/?step=phone', { cookie })).state).toMatchObject({ step: 'phone', pending });
    expect((await load('/?step=verified', { cookie })).state.step).toBe('code');

    const verified = await app.verify(undefined, await simulator.pinFor(NUMBER), { cookie });
    const session = cookieOf(verified, 'phone-session');
    const done = { pending: null, verifiedNumber: NUMBER, verifiedNumberText: '+1 415 555 2671' };
    expect((await load('/', { cookie: session })).state).toMatchObject({ step: 'verified', ...done });
    expect((await load('/?step=phone', { cookie: session })).state).toMatchObject({ step: 'phone', ...done });

    const other = cookieOf(await app.send('+14155552672'));
    const both = (await load('/', { cookie: `${session}; ${other}` })).state;
    expect(both).toMatchObject({ step: 'code', verifiedNumber: NUMBER });
  });

  test('contains no token, code, pinId or whole number', async () => {
    const reply = await app.send(NUMBER);
    const { html } = await load('/', { cookie: cookieOf(reply) });
    const [message] = await simulator.messages(NUMBER);
    for (const secret of [reply.body.pinId, message?.pin, message?.pinId, '4155552671']) {
      expect(html).not.toContain(secret);
    }
  });

  test('is the first one if the session is unknown', async () => {
    const cookie = `verification=${'A'.repeat(43)}; phone-session=${'A'.repeat(43)}`;
    expect((await load('/', { cookie })).state.step).toBe('phone');
  });
});

describe('a problem', () => {
  const KEYS = [makePrivacyKey(), makePrivacyKey()] as const;
  const privacy = createPrivacy(KEYS);
  const LOCKED = { code: 'NUMBER_LOCKED', at: 'phone', retryAfterSeconds: 9_999_999 };
  let known: TestApp;
  beforeAll(async () => {
    known = await TestApp.start(simulator.url, { PRIVACY_KEY: KEYS.join(','), RESEND_COOLDOWN_SECONDS: '0' });
  });
  afterAll(() => known.stop());

  /** A cookie like the server's, signed by somebody who has its key. */
  function cookieWith(problem: object, at: number, signed = privacy, purpose = 'problem'): string {
    const text = Buffer.from(JSON.stringify({ problem, at })).toString('base64url');
    return `problem=${text}.${signed.sign(purpose, text)}`;
  }

  test('shows once if a form caused it', async () => {
    const reply = await app.form('/api/send-otp', { phoneNumber: '+442079460958' });
    const shown = await load('/', { cookie: cookieOf(reply, 'problem') });
    expect(shown.state).toMatchObject({
      step: 'phone',
      problem: { code: 'PHONE_NUMBER_NOT_SUPPORTED', at: 'phone', reason: 'landline' },
    });
    expect(shown.headers['set-cookie']).toBe('problem=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax');
    expect((await load('/')).headers['set-cookie']).toBeUndefined();
  });

  test('shows on any instance that has the key, even if that is the older one', async () => {
    for (const key of [privacy, createPrivacy([KEYS[1]])]) {
      const cookie = cookieWith(LOCKED, Date.now(), key);
      expect((await load('/', { cookie }, known)).state.problem).toEqual(LOCKED);
    }
  });

  test.each([
    ['a minute old', () => cookieWith(LOCKED, Date.now() - 60_000)],
    ['from far in the future', () => cookieWith(LOCKED, Date.now() + 120_000)],
    ['signed with another key', () => cookieWith(LOCKED, Date.now(), createPrivacy([makePrivacyKey()]))],
    ['signed for another purpose', () => cookieWith(LOCKED, Date.now(), privacy, 'device')],
    ['changed', () => cookieWith(LOCKED, Date.now()).replace('=e', '=f')],
  ])('does not show if it is %s, and the page deletes its cookie', async (_name, cookie) => {
    const { status, state, headers } = await load('/', { cookie: cookie() }, known);
    expect([status, state.problem]).toEqual([200, null]);
    expect(headers['set-cookie']).toMatch(/^problem=; .*Max-Age=0/);
  });

  test.each(['problem=', 'problem=.', 'problem=a.b', `problem=e30.${'A'.repeat(44)}`, `problem=${'A'.repeat(5000)}`])(
    'counts as none if it is malformed: %p',
    async (cookie) => {
      const { status, state } = await load('/', { cookie });
      expect([status, state.problem]).toEqual([200, null]);
    },
  );

  test.each(['problem=NUMBER_LOCKED&at=phone&wait=9999999', 'problem=WRONG_PIN&at=code&tries=4'])(
    "does not show if it is in the page's address: %s",
    async (query) => {
      expect((await load(`/?${query}`)).state.problem).toBeNull();
    },
  );

  test('shows the phone screen if it is about the number, even while a verification is in progress', async () => {
    const verification = cookieOf(await known.send('+14155552673'));
    const stepWith = async (problem: object) => {
      const cookie = `${verification}; ${cookieWith(problem, Date.now())}`;
      return (await load('/', { cookie }, known)).state.step;
    };
    expect(await stepWith({ code: 'INVALID_PHONE_NUMBER', at: 'phone' })).toBe('phone');
    expect(await stepWith({ code: 'RATE_LIMITED', at: 'resend', retryAfterSeconds: 9 })).toBe('code');
  });
});

test('over https the language’s cookie is bound to the host', async () => {
  const secure = await TestApp.start(simulator.url, { APP_ORIGIN: 'https://verify.example.com' });
  expect((await load('/?lang=fr', {}, secure)).headers['set-cookie']).toBe(
    '__Host-language=fr; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax; Secure',
  );
  await secure.stop();
});

describeWithRedis('without its store', () => {
  test('the page loads and shows its first screen', async () => {
    const redis = await TestRedis.start();
    const storeless = await TestApp.start(simulator.url, { REDIS_URL: redis.url });
    const cookie = cookieOf(await storeless.send(NUMBER));
    expect((await load('/', { cookie }, storeless)).state.step).toBe('code');
    await redis.kill();
    const { status, state } = await load('/', { ...GERMAN, cookie }, storeless);
    expect([status, state.step, state.language, state.pending]).toEqual([200, 'phone', 'de', null]);
    await storeless.stop();
  });
});
