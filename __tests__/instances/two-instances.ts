import { type Environment, useAnotherApp, useApp, useRedis } from '@/__tests__/support/use-app';

export const METRICS_TOKEN = 'a-token-of-the-metrics-in-this-test';

/** Two instances on one Redis, and a report of what happened, printed after the last test. */
export function useTwoInstances(environment: Environment = {}) {
  const redis = useRedis();
  const shared = () => ({ REDIS_URL: redis.url, METRICS_TOKEN, ...environment });
  const { app: one, simulator, startApp } = useApp(shared);
  const startInstance = (more: Environment = {}) => startApp({ ...shared(), ...more });
  const two = useAnotherApp(() => startInstance());
  const report: string[] = [];
  afterAll(() => {
    process.stdout.write(`\nTwo instances, one Redis:\n${report.map((line) => `  ${line}\n`).join('')}`);
  });
  return { redis, simulator, one, two, startInstance, report };
}
