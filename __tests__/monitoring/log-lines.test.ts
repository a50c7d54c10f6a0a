import path from 'node:path';
import type { TestApp } from '@/__tests__/support/app';
import { newNumber } from '@/__tests__/support/numbers';
import { useSimulator } from '@/__tests__/support/use-app';

const { withApp } = useSimulator();

const SKEWED_CLOCK = { NODE_OPTIONS: `--require ${path.resolve('__tests__/support/skewed-clock.cjs')}` };

/** The log lines of an app so far. */
const linesOf = ({ output }: TestApp): Record<string, unknown>[] =>
  output
    .split('\n')
    .filter((line) => line.startsWith('{') && line.endsWith('}'))
    .map((line) => JSON.parse(line) as Record<string, unknown>);

const eventsOf = (app: TestApp, event: string) => linesOf(app).filter((line) => line.event === event);

test('a clock that differs from Infobip’s is reported once in the log, and by readiness', async () => {
  await withApp(SKEWED_CLOCK, async (app) => {
    for (let i = 0; i < 2; i += 1) expect((await app.send(newNumber())).status).toBe(200);
    expect((await app.get('/api/ready')).body).toEqual({ status: 'ready', warnings: ['clock'] });
    const [skewed, ...more] = eventsOf(app, 'clock.skewed');
    expect(more).toEqual([]);
    expect(skewed).toMatchObject({ level: 40, remedy: expect.stringContaining('NTP') });
    expect(Math.abs(Number(skewed?.secondsAhead) - 3600)).toBeLessThan(60);
  });
});
