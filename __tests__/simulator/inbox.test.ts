import { NUMBER, useSimulator } from './simulator-client';

const simulator = useSimulator();

/** Reads the stream of events; `next` skips comments and whatever is not an event. */
async function openEvents() {
  const controller = new AbortController();
  const response = await fetch(`${simulator.url()}/inbox/events`, { signal: controller.signal });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  async function next(): Promise<{ event: string; data: unknown }> {
    for (;;) {
      const end = text.indexOf('\n\n');
      if (end >= 0) {
        const block = text.slice(0, end);
        text = text.slice(end + 2);
        const match = /^event: (.*)\ndata: (.*)$/.exec(block);
        if (match) return { event: match[1] ?? '', data: JSON.parse(match[2] ?? '') };
      } else {
        text += (await reader?.read())?.value ?? '';
      }
    }
  }
  return { response, next, close: () => controller.abort() };
}

test('the inbox lists messages newest last, by number and after an id', async () => {
  await simulator.send();
  const first = await simulator.lastMessage();
  await simulator.send({ to: '41793026727' });
  await simulator.send();
  const all = await simulator.messages();
  expect(all.map(({ to }) => to)).toEqual([NUMBER, '41793026727', NUMBER]);
  expect(all.map(({ id }) => id - first.id)).toEqual([0, 1, 2]);
  expect(await simulator.messages(`?to=${NUMBER}`)).toEqual([all[0], all[2]]);
  expect(await simulator.messages(`?after=${first.id}`)).toEqual([all[1], all[2]]);
  expect(await simulator.messages(`?to=${NUMBER}&after=${first.id}`)).toEqual([all[2]]);
});

test('the inbox has numbers as people write them, too', async () => {
  for (const to of [NUMBER, '41793026727', '447400123456']) await simulator.send({ to });
  const all = await simulator.messages();
  expect(all.map(({ number }) => number)).toEqual(['+1 415 555 2671', '+41 79 302 67 27', '+44 7400 123456']);
});

test('the inbox refuses a query it does not understand', async () => {
  expect((await simulator.call('/inbox/messages?after=x')).status).toBe(400);
  expect((await simulator.call('/inbox/messages?number=1')).status).toBe(400);
});

test('the inbox can be emptied, and does not use an id twice', async () => {
  await simulator.send();
  const before = await simulator.lastMessage();
  expect((await simulator.call('/inbox/messages', { method: 'DELETE' })).status).toBe(204);
  expect(await simulator.messages()).toEqual([]);
  await simulator.send();
  const after = await simulator.lastMessage();
  expect(after.id).toBeGreaterThan(before.id);
});

test('the inbox streams the messages so far, new ones, and the fact that it was emptied', async () => {
  await simulator.send();
  const events = await openEvents();
  expect(events.response.headers.get('content-type')).toBe('text/event-stream');
  expect(await events.next()).toEqual({ event: 'snapshot', data: await simulator.messages() });
  await simulator.send({ to: '41793026727' });
  expect(await events.next()).toMatchObject({ event: 'message', data: { to: '41793026727' } });
  await simulator.call('/inbox/messages', { method: 'DELETE' });
  expect(await events.next()).toEqual({ event: 'snapshot', data: [] });
  events.close();
});

test('the inbox streams a late message when it is due', async () => {
  const events = await openEvents();
  await events.next();
  await simulator.send({ to: '14155550103' });
  await simulator.send();
  expect(await events.next()).toMatchObject({ event: 'message', data: { to: NUMBER } });
  await simulator.advance(10_000);
  expect(await events.next()).toMatchObject({ event: 'message', data: { to: '14155550103' } });
  events.close();
});

test('the inbox keeps the last 1,000 messages', async () => {
  await simulator.configure({ sendPinPerPhoneNumberLimit: '10000/1d' });
  for (let i = 0; i < 41; i += 1) await Promise.all(Array.from({ length: 25 }, () => simulator.send()));
  const all = await simulator.messages();
  expect(all).toHaveLength(1_000);
  expect((all.at(-1)?.id ?? 0) - (all[0]?.id ?? 0)).toBe(999);
  expect(await simulator.requests()).toHaveLength(1_000);
});

describe('the page', () => {
  test('loads nothing from elsewhere, appears in frames on loopback only, and says so in its policy', async () => {
    const { status, headers, body } = await simulator.call('/inbox');
    expect(status).toBe(200);
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toMatch(/; frame-ancestors http:\/\/localhost:\* http:\/\/127\.0\.0\.1:\*$/);
    expect(policy.replace(/; frame-ancestors .*/, '')).not.toMatch(/unsafe|https?:|\*/);
    expect(body).not.toMatch(/(src|href)="(?!\/|data:)/);
    expect(body).not.toMatch(/<script(?![^>]*\ssrc=)|<style|\son\w+=|\sstyle=/);
  });

  test.each([
    ['/inbox/inbox.js', 'text/javascript; charset=utf-8'],
    ['/inbox/inbox.css', 'text/css; charset=utf-8'],
  ])('has its %s', async (path, type) => {
    const { status, headers } = await simulator.call(path);
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe(type);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  });

  test('inserts messages as text only', async () => {
    const { body } = await simulator.call('/inbox/inbox.js');
    expect(body).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(/);
  });

  test('is where the bare address leads', async () => {
    const { status, headers } = await simulator.call('/');
    expect([status, headers.get('location')]).toEqual([302, '/inbox']);
  });

  test.each(['/inbox/../seed.ts', '/inbox/other', '/inbox/__proto__'])('does not know %s', async (path) => {
    expect((await simulator.call(path)).status).toBe(404);
  });
});
