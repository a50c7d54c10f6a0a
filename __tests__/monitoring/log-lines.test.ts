import path from 'node:path';
import type { TestApp } from '@/__tests__/support/app';
import { newNumber } from '@/__tests__/support/numbers';
import { useSimulator } from '@/__tests__/support/use-app';
import packageJson from '@/package.json';

const { startApp, withApp } = useSimulator();

const SKEWED_CLOCK = { NODE_OPTIONS: `--require ${path.resolve('__tests__/support/skewed-clock.cjs')}` };

/** The log lines of an app so far. */
const linesOf = ({ output }: TestApp): Record<string, unknown>[] =>
  output
    .split('\n')
    .filter((line) => line.startsWith('{') && line.endsWith('}'))
    .map((line) => JSON.parse(line) as Record<string, unknown>);

const eventsOf = (app: TestApp, event: string) => linesOf(app).filter((line) => line.event === event);

test('the log reports a clock that differs from Infobip’s once, and readiness reports it too', async () => {
  await withApp(SKEWED_CLOCK, async (app) => {
    for (let i = 0; i < 2; i += 1) expect((await app.send(newNumber())).status).toBe(200);
    expect((await app.get('/api/ready')).body).toEqual({ status: 'ready', warnings: ['clock'] });
    const [skewed, ...more] = eventsOf(app, 'clock.skewed');
    expect(more).toEqual([]);
    expect(skewed).toMatchObject({ level: 40, remedy: expect.stringContaining('NTP') });
    expect(Math.abs(Number(skewed?.secondsAhead) - 3600)).toBeLessThan(60);
  });
});

test('successful probes log at debug, and a refused one like any request', async () => {
  const probes = ['/api/health', '/api/ready'];
  const token = 'a-token-of-the-metrics-in-this-test';
  const levels = (app: TestApp) =>
    linesOf(app).flatMap(({ route, level, status }) => (route ? [[route, level, status]] : []));
  const probe = async (app: TestApp) => {
    for (const path of probes) expect((await app.get(path)).status).toBe(200);
    expect((await app.metrics(token)).status).toBe(200);
    await app.logLineOf(await app.request('/api/health', { method: 'DELETE' }));
  };
  const refused = ['/api/health', 30, 405];
  await withApp({ METRICS_TOKEN: token }, async (app) => {
    await probe(app);
    expect(levels(app)).toEqual([refused]);
  });
  await withApp({ METRICS_TOKEN: token, LOG_LEVEL: 'debug' }, async (app) => {
    await probe(app);
    const ofProbes = [...probes, '/api/metrics'].map((route) => [route, 20, 200]);
    expect(levels(app)).toEqual(expect.arrayContaining([...ofProbes, refused]));
  });
});

test('a server logs its settings at startup, without secrets, and logs that it stops', async () => {
  const app = await startApp({ LIMIT_SEND_GLOBAL: '7/1m', BUDGET_PER_DAY: '12.5' });
  const [started, ...more] = eventsOf(app, 'server.started');
  expect(more).toEqual([]);
  expect(started).toMatchObject({
    level: 30,
    version: packageJson.version,
    node: process.versions.node,
    store: 'memory',
    guard: 'off',
    limits: { LIMIT_SEND_GLOBAL: '7/1m', BUDGET_PER_DAY: 12.5 },
  });
  expect(eventsOf(app, 'server.stopping')).toEqual([]);
  await app.terminate();
  expect(eventsOf(app, 'server.stopping')).toMatchObject([{ level: 30, uptimeSeconds: expect.any(Number) }]);
});
