import { SEED, SEED_APPLICATION } from '@/simulator/seed';
import { NUMBER, useSimulator } from './simulator-client';

const simulator = useSimulator();

test('the simulator records the API calls, without the key', async () => {
  const body = simulator.sendRequest();
  await simulator.call('/2fa/2/pin/?ncNeeded=false', { body, headers: { 'x-test': 'yes' } });
  await simulator.call('/2fa/2/pin', { body: 'no json', headers: { authorization: 'App wrong' } });
  await simulator.call('/2fa/2/nowhere');
  const requests = await simulator.requests();
  expect(requests).toEqual([
    {
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      method: 'POST',
      path: '/2fa/2/pin/',
      query: { ncNeeded: 'false' },
      headers: expect.objectContaining({ authorization: '***', 'x-test': 'yes', 'content-type': 'application/json' }),
      body,
      operation: 'send',
      status: 200,
    },
    expect.objectContaining({ body: 'no json', operation: 'send', status: 401 }),
    expect.objectContaining({ method: 'GET', path: '/2fa/2/nowhere', body: null, operation: null, status: 404 }),
  ]);
  expect(JSON.stringify(requests)).not.toContain(SEED.apiKey);
});

test('the simulator forgets the recorded calls', async () => {
  await simulator.send();
  expect((await simulator.call('/control/requests', { method: 'DELETE' })).status).toBe(204);
  expect(await simulator.requests()).toEqual([]);
});

test('the simulator moves the clock', async () => {
  const { body } = await simulator.advance(86_400_000);
  expect(Math.abs(Date.parse(body.now) - Date.now() - 86_400_000)).toBeLessThan(5_000);
  await simulator.send();
  const message = await simulator.lastMessage();
  expect(Date.parse(message.at)).toBeGreaterThanOrEqual(Date.parse(body.now));
});

test('the simulator resets everything to the seed', async () => {
  await simulator.advance(86_400_000);
  await simulator.configure({ sendPinPerPhoneNumberLimit: '1/1d' });
  await simulator.call('/2fa/2/applications', { body: { name: 'Other' } });
  const { pinId, pin } = await simulator.sendPin();
  await simulator.planFault({ kind: 'hang' }, { times: 0 });

  expect((await simulator.call('/control/reset', { method: 'POST' })).status).toBe(204);
  expect(await simulator.requests()).toEqual([]);
  expect(await simulator.messages()).toEqual([]);
  expect((await simulator.verify(pinId, pin)).status).toBe(404);
  expect((await simulator.call('/2fa/2/applications')).body).toEqual([SEED_APPLICATION]);
  for (let i = 0; i < 2; i += 1) expect((await simulator.send()).status).toBe(200);
  expect(Math.abs(Date.parse((await simulator.advance(0)).body.now) - Date.now())).toBeLessThan(5_000);
});

test.each([
  ['/control/faults', { operation: 'send' }, 'fault'],
  ['/control/faults', { operation: 'transmit', fault: { kind: 'hang' } }, 'operation'],
  ['/control/faults', { operation: 'send', fault: { kind: 'explode' } }, 'kind'],
  ['/control/faults', { operation: 'send', fault: { kind: 'status' } }, 'status'],
  ['/control/faults', { operation: 'send', fault: { kind: 'hang', ms: 5 } }, 'ms'],
  ['/control/faults', { operation: 'send', times: -1, fault: { kind: 'hang' } }, 'times'],
  ['/control/faults', { operation: 'send', count: 1, fault: { kind: 'hang' } }, 'count'],
  ['/control/clock', {}, 'advanceMs'],
  ['/control/clock', { advanceMs: '5' }, 'advanceMs'],
  ['/control/clock', { advanceMs: -5 }, 'advanceMs'],
])('the simulator refuses %s with %j, and names %s', async (path, body, named) => {
  const answer = await simulator.call(path, { body });
  expect(answer.status).toBe(400);
  expect(answer.body).toEqual({ error: expect.stringContaining(named) });
});

test('the simulator refuses what another site could send without asking', async () => {
  const headers = { 'content-type': 'text/plain' };
  const body = { operation: 'any', fault: { kind: 'hang' } };
  expect((await simulator.call('/control/faults', { body, headers })).status).toBe(400);
  expect((await simulator.call('/control/faults', { body: '{' })).body).toEqual({ error: 'The body is not JSON.' });
});

test('the simulator lists the control endpoints for an unknown one', async () => {
  const { status, body } = await simulator.call('/control/nothing');
  expect(status).toBe(404);
  expect(body.error).toContain('POST /control/reset');
});

test('the simulator does not count control requests as calls of the API', async () => {
  await simulator.messages(`?to=${NUMBER}`);
  await simulator.advance(0);
  expect(await simulator.requests()).toEqual([]);
});
