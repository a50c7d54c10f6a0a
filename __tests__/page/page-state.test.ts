import { cookieOf, TestApp } from '@/__tests__/support/app';
import { describeWithRedis, TestRedis } from '@/__tests__/support/redis';
import { useApp } from '@/__tests__/support/use-app';
import type { PageState } from '@/lib/contract';
import { MESSAGES } from '@/lib/i18n';

const NUMBER = '+14155552671';
const GERMAN = { 'accept-language': 'de-AT,de;q=0.8,en;q=0.5' };

const { app, simulator } = useApp();

const stateOf = async (query = '', headers: Record<string, string> = {}, on = app) => {
  const { status, headers: received, body } = await on.get(`/api/page-state${query}`, headers);
  expect([status, received.get('cache-control'), received.getSetCookie()]).toEqual([200, 'no-store', []]);
  return body as PageState;
};

/** What the page itself gets with its HTML. */
async function stateInPage(headers: Record<string, string>): Promise<PageState> {
  const html = await (await fetch(app.url, { headers })).text();
  const [, data = ''] = /<script id="__NEXT_DATA__"[^>]*>([^<]*)<\/script>/.exec(html) ?? [];
  const { title, direction, ...state } = (JSON.parse(data) as { props: { pageProps: PageState & TextFields } }).props
    .pageProps;
  return state;
}
interface TextFields {
  title?: string;
  direction?: string;
}

describe('the state for a page of another app', () => {
  test('is what our own page gets', async () => {
    expect(await stateOf('', GERMAN)).toEqual(await stateInPage(GERMAN));
    const cookie = cookieOf(await app.send(NUMBER));
    const [theirs, ours] = await Promise.all([stateOf('', { cookie }), stateInPage({ cookie })]);
    const withoutTimes = ({ pending, ...state }: PageState) => ({ ...state, to: pending?.to });
    expect(withoutTimes(theirs)).toEqual(withoutTimes(ours));
    expect(theirs).toMatchObject({ step: 'code', pending: { to: '+1 •••••••671', attemptsRemaining: 5 } });
  });

  test('follows a verification from the number to the success, and step=phone asks for the first screen', async () => {
    const cookie = cookieOf(await app.send(NUMBER));
    expect((await stateOf('?step=phone', { cookie })).step).toBe('phone');
    const verified = await app.verify(undefined, await simulator.pinFor(NUMBER), { cookie });
    const session = cookieOf(verified, 'phone-session');
    expect(await stateOf('', { cookie: session })).toMatchObject({
      step: 'verified',
      pending: null,
      verifiedNumber: NUMBER,
      verifiedNumberText: '+1 415 555 2671',
    });
  });

  test.each([
    ['', GERMAN, 'de'],
    ['', { ...GERMAN, cookie: 'language=hr' }, 'hr'],
    ['?lang=ar', { ...GERMAN, cookie: 'language=hr' }, 'ar'],
    ['?lang=xx', GERMAN, 'de'],
    ['?lang=fr&lang=ar', GERMAN, 'de'],
    ['?lang=constructor', {}, 'en'],
  ] as const)('has the language of %p with %j: %s', async (query, headers, language) => {
    const { language: spoken, messages } = await stateOf(query, headers);
    expect([spoken, messages]).toEqual([language, MESSAGES[language]]);
  });

  test('leaves the outcome of a form to the page that the form led to', async () => {
    const reply = await app.form('/api/send-otp', { phoneNumber: '+442079460958' });
    const cookie = cookieOf(reply, 'problem');
    expect(await stateOf('', { cookie })).toMatchObject({ step: 'phone', problem: null, typed: null });
    expect(await stateInPage({ cookie })).toMatchObject({ problem: { code: 'PHONE_NUMBER_NOT_SUPPORTED' } });
  });

  test('contains no token, code, pinId or whole number', async () => {
    const reply = await app.send(NUMBER);
    const text = JSON.stringify(await stateOf('', { cookie: cookieOf(reply) }));
    const [message] = await simulator.messages(NUMBER);
    for (const secret of [reply.body.pinId, message?.pin, message?.pinId, '4155552671'])
      expect(text).not.toContain(secret);
  });

  test('is refused to pages of other sites, and to other methods', async () => {
    const foreign = await app.get('/api/page-state', { 'sec-fetch-site': 'cross-site' });
    expect([foreign.status, foreign.body.code]).toEqual([403, 'FORBIDDEN_ORIGIN']);
    const posted = await app.post('/api/page-state', {});
    expect([posted.status, posted.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });
});

describeWithRedis('while Redis does not answer', () => {
  test('the state comes without the verification in progress', async () => {
    const redis = await TestRedis.start();
    const down = await TestApp.start(simulator.url, { REDIS_URL: redis.url });
    const cookie = cookieOf(await down.send(NUMBER));
    expect((await stateOf('', { cookie }, down)).step).toBe('code');
    await redis.kill();
    expect(await stateOf('', { cookie }, down)).toMatchObject({ step: 'phone', pending: null, verifiedNumber: null });
    await down.stop();
  });
});
