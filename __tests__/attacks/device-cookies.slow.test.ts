import { type Reply, TestApp } from '@/__tests__/support/app';
import { countOutcomes, deviceOf, newNumber, type Person } from '@/__tests__/support/person';
import { runScript } from '@/__tests__/support/script';
import { describeEverySetUp, describeInMemory, PRIVACY_KEY, UNLIMITED } from '@/__tests__/support/set-ups';
import { TestSimulator } from '@/__tests__/support/simulator';
import { makePrivacyKey, makeProofKey } from '@/lib/config/keys';

const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const YEAR_SECONDS = 365 * 24 * 60 * 60;

/** Flips the highest of a character's six bits, because the lowest bits of the last character may have no meaning. */
const flip = (character: string) => BASE64URL[BASE64URL.indexOf(character) ^ 32] ?? 'A';

/** Values made from a cookie's value. The server never issued any of them. */
function editsOf(value: string): string[] {
  const half = value.length >> 1;
  return [
    ...[...value].map((character, i) => value.slice(0, i) + flip(character) + value.slice(i + 1)),
    value.slice(0, -1),
    value.slice(1),
    value.slice(0, half),
    value.slice(half),
    value.slice(half) + value.slice(0, half),
    `${value}A`,
    `A${value}`,
    `${value}.${value}`,
    value.toLowerCase() === value ? value.toUpperCase() : value.toLowerCase(),
    'A'.repeat(value.length),
    '',
    '.',
    '%00',
    'null',
    '__proto__',
    'eyJhbGciOiJub25lIn0.e30.',
  ];
}

/** Another deployment for the same phone numbers, with other keys. */
let elsewhere: TestApp;
let simulatorElsewhere: TestSimulator;
beforeAll(async () => {
  const keys = { PRIVACY_KEY: makePrivacyKey(), PROOF_PRIVATE_JWK: JSON.stringify(makeProofKey()) };
  simulatorElsewhere = await TestSimulator.start();
  elsewhere = await TestApp.start(simulatorElsewhere.url, { ...UNLIMITED, ...keys });
});
afterAll(async () => {
  await elsewhere.stop();
  await simulatorElsewhere.close();
});

const deviceCookie = (reply: Reply) => reply.headers.getSetCookie().find((cookie) => /^(__Host-)?device=/.test(cookie));

describeEverySetUp('the device cookie', (setUp) => {
  const deployment = setUp.deploy();

  /** A number that strangers have locked, and the person whose device verified it before. */
  async function lockedNumber(): Promise<[string, Person]> {
    const number = newNumber();
    const owner = await deployment.person().becomeKnown(number);
    await deployment.person().guess(number, 10);
    return [number, owner];
  }

  async function expectStranger(person: Person, number: string): Promise<void> {
    const reply = await person.send(number);
    expect([person.device, reply.status, reply.body.code]).toEqual([person.device, 429, 'NUMBER_LOCKED']);
  }

  const expectKnown = async (person: Person, number: string) =>
    expect(countOutcomes(await person.prove(number))).toEqual({ '200': 2 });

  test('an edited cookie counts as a stranger’s', async () => {
    const [number, owner] = await lockedNumber();
    const [name, value = ''] = owner.device.split(/=(.*)/s);
    for (const edited of editsOf(value)) await expectStranger(owner.with(`${name}=${edited}`), number);
    await expectKnown(owner, number);
  });

  test('a cookie under another name counts as a stranger’s', async () => {
    const [number, owner] = await lockedNumber();
    const value = owner.device.split(/=(.*)/s)[1];
    for (const name of ['device', '__Secure-device', '__host-device', '__Host-Device', '__Host-verification']) {
      await expectStranger(owner.with(`${name}=${value}`), number);
    }
    await expectKnown(owner, number);
  });

  test('a cookie for another number counts as a stranger’s', async () => {
    const [[one, ownerOfOne], [two, ownerOfTwo]] = [await lockedNumber(), await lockedNumber()];
    await expectStranger(ownerOfOne, two);
    await expectStranger(ownerOfTwo, one);
    await expectKnown(ownerOfOne, one);
    await expectKnown(ownerOfTwo, two);
  });

  test('a cookie of another deployment counts as a stranger’s', async () => {
    const [number, owner] = await lockedNumber();
    const { body } = await elsewhere.send(number);
    const verified = await elsewhere.verify(body.pinId, await simulatorElsewhere.pinFor(number));
    expect([verified.status, deviceOf(verified)]).toEqual([200, expect.stringContaining('=')]);
    await expectStranger(owner.with(deviceOf(verified)), number);
    await expectKnown(owner, number);
  });

  test('a verification belongs to the device that started it, whoever enters the code', async () => {
    const number = newNumber();
    const owner = await deployment.person().becomeKnown(number);
    const stranger = deployment.person();
    const strangers = await stranger.send(number);
    const strangersPin = await deployment.simulator.pinFor(number);
    const owners = await owner.send(number);
    const ownersPin = await deployment.simulator.pinFor(number);
    await deployment.person().guess(number, 10);
    await deployment.simulator.advance(1000);

    const byOwner = await owner.verify(strangers.body.pinId, strangersPin);
    const byStranger = await stranger.verify(owners.body.pinId, ownersPin);
    expect([byOwner.body.code, byStranger.status]).toEqual(['NUMBER_LOCKED', 200]);
  });

  test('the cookie outlives the session', async () => {
    const [number, owner] = await lockedNumber();
    const [, verified] = await owner.prove(number);
    const session = verified.headers.getSetCookie().find((cookie) => cookie.startsWith('__Host-phone-session='));
    const cookie = [session?.split(';')[0], owner.device].join('; ');
    const headers = { ...owner.headers, cookie };
    const ended = await deployment.ask((app) => app.request('/api/session', { method: 'DELETE', headers }));
    expect([ended.status, deviceCookie(ended)]).toEqual([204, undefined]);
    await expectKnown(owner, number);
  });

  if (setUp.onRedis) {
    test('npm run erase voids the cookies for the erased number and for no other', async () => {
      const [number, kept] = [newNumber(), newNumber()];
      const owner = await deployment.person().becomeKnown(number);
      const other = await deployment.person().becomeKnown(kept);
      const erasedOwner = owner.with(owner.device);
      const erased = await runScript('erase', [number], { REDIS_URL: deployment.redis.url, PRIVACY_KEY });
      expect([erased.status, erased.stderr]).toEqual([0, '']);
      const again = await owner.becomeKnown(number);
      const fresh = await owner.with('').becomeKnown(number);
      for (const one of [number, kept]) await deployment.person().guess(one, 10);
      await expectStranger(erasedOwner, number);
      await expectKnown(again, number);
      await expectKnown(fresh, number);
      await expectKnown(other, kept);
    });
  }
});

describeInMemory('the device cookie of a correct code', (setUp) => {
  const deployment = setUp.deploy();
  const plain = setUp.deploy({ TRUSTED_PROXY_HOPS: '0' });

  test('programs and browsers get the cookie with a correct code and no sooner, and it hides the number', async () => {
    for (const more of [{}, { 'sec-fetch-site': 'same-origin' }]) {
      const number = newNumber();
      const stranger = deployment.person();
      const sent = await stranger.send(number);
      const [app] = deployment.apps as [TestApp];
      const pin = await deployment.simulator.pinFor(number);
      const wrong = await stranger.verify(sent.body.pinId, pin === '000000' ? '111111' : '000000');
      const right = await app.verify(sent.body.pinId, pin, { ...stranger.headers, ...more });
      expect([sent, wrong, right].map(({ status }) => status)).toEqual([200, 400, 200]);
      expect([deviceCookie(sent), deviceCookie(wrong)]).toEqual([undefined, undefined]);
      const cookie = deviceCookie(right) ?? '';
      expect(cookie).toMatch(
        new RegExp(`^__Host-device=[^;]+; Path=/; Max-Age=${YEAR_SECONDS}; HttpOnly; SameSite=(Lax|Strict); Secure$`),
      );
      const value = deviceOf(right).slice('__Host-device='.length);
      app.keepOutOfLogs(value);
      for (const part of [
        value,
        ...value.split('.').map((text) => Buffer.from(text, 'base64url').toString('latin1')),
      ]) {
        expect(part).not.toContain(number.slice(1));
      }
    }
  });

  test('a server on plain http sets the cookie without __Host- and without Secure', async () => {
    const [, verified] = await plain.person().prove(newNumber());
    expect(deviceCookie(verified)).toMatch(/^device=[^;]+; Path=\/; Max-Age=\d+; HttpOnly; SameSite=(Lax|Strict)$/);
  });
});
