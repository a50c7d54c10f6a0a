/** @jest-environment jest-fixed-jsdom */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { act, renderHook } from '@testing-library/react';
import { usePhoneVerification } from '@/examples/mobile-app';
import './support/message-port';
import { ApiKey } from './keys/api-key';
import { freePort } from './support/free-port';
import { startProxy } from './support/in-turn';
import { newNumber } from './support/numbers';
import { describeWithRedis } from './support/redis';
import { wrongPin } from './support/simulator';
import { useAnotherApp, useApp, useRedis } from './support/use-app';

const key = new ApiKey('mobile');

describeWithRedis('a mobile app whose server has a key, against two instances on one Redis', () => {
  const redis = useRedis();
  const environment = () => ({ REDIS_URL: redis.url, API_CLIENTS: JSON.stringify([key.row({ messagesPerDay: 3 })]) });
  const { app: one, simulator, startApp } = useApp(environment);
  const two = useAnotherApp(() => startApp(environment()));
  let proxy: Server;
  let server: ChildProcess;
  let url: string;

  beforeAll(async () => {
    proxy = await startProxy([one.url, two.url]);
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    const variables = {
      PATH: process.env.PATH,
      VERIFIER: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
      API_KEY: `${key.id}:${key.secret}`,
      PORT: String(port),
    };
    server = spawn(process.execPath, ['examples/mobile-server.mjs'], {
      env: variables as unknown as NodeJS.ProcessEnv,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(server.stdout as NodeJS.EventEmitter, 'data');
  });
  afterAll(() => {
    server.kill();
    proxy.close();
  });

  const numberOf = async (login: string) => {
    const reply = await fetch(`${url}/account`, { headers: { Authorization: `Bearer ${login}` } });
    return ((await reply.json()) as { phoneNumber?: string }).phoneNumber;
  };

  test('refuses requests without a login', async () => {
    const [account, sent] = await Promise.all([fetch(`${url}/account`), fetch(`${url}/phone`, { method: 'POST' })]);
    expect([account.status, sent.status]).toEqual([401, 401]);
  });

  test('verifies a number, which its server learns and the app cannot make up', async () => {
    const number = newNumber();
    const { result } = renderHook(() => usePhoneVerification(url, 'ann'));
    await act(() => result.current.send('nonsense'));
    expect(result.current).toMatchObject({ step: 'number', problem: expect.stringContaining('valid phone number') });
    await act(() => result.current.send(number));
    expect(result.current).toMatchObject({ step: 'code' });
    const pin = await simulator.pinFor(number);
    await act(() => result.current.verify(wrongPin(pin)));
    expect(result.current).toMatchObject({ step: 'code', problem: expect.stringContaining("isn't correct") });
    const other = renderHook(() => usePhoneVerification(url, 'eve'));
    await act(() => other.result.current.verify(pin));
    expect(other.result.current.step).toBe('number');
    await act(() => result.current.verify(pin));
    expect(result.current.step).toBe('verified');
    expect([await numberOf('ann'), await numberOf('eve')]).toEqual([number, undefined]);
  });

  test('shows that the quota is used up', async () => {
    const { result } = renderHook(() => usePhoneVerification(url, 'bob'));
    for (let i = 0; i < 2; i += 1) {
      await act(() => result.current.send(newNumber()));
      expect([result.current.step, result.current.problem]).toEqual(['code', undefined]);
    }
    await act(() => result.current.send(newNumber()));
    expect(result.current.problem).toMatch(/has used up/);
  });
});
