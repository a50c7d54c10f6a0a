import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { startProxy } from '@/__tests__/support/in-turn';
import { makePrivacyKey, makeProofKey } from '@/lib/config/keys';
import { startAnotherApp } from './another-app';
import { INSTANCES, REDIS_PORT } from './servers';

const hasRedis = spawnSync('redis-server', ['--version']).status === 0 || Boolean(process.env.CI);
if (!hasRedis) process.stderr.write('Logins run on one instance: no redis-server found, install it to run two.\n');

async function startRedis(): Promise<ChildProcess> {
  const redis = spawn('redis-server', ['--port', String(REDIS_PORT), '--bind', '127.0.0.1', '--save', ''], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  process.once('exit', () => redis.kill());
  await once(redis.stdout, 'data');
  return redis;
}

/**
 * Starts the app at an address: two instances that share a Redis and take requests in turn, or one without Redis.
 * @returns a function that ends everything
 */
export async function startTwoInstances(url: string, environment: Record<string, string>): Promise<() => void> {
  if (!hasRedis) {
    const app = await startAnotherApp(url, environment);
    return () => app.kill();
  }
  const redis = await startRedis();
  const shared = {
    REDIS_URL: `redis://127.0.0.1:${REDIS_PORT}`,
    REDIS_TIMEOUT_MS: '5000',
    PRIVACY_KEY: makePrivacyKey(),
    PROOF_PRIVATE_JWK: JSON.stringify(makeProofKey()),
    OIDC_SUBJECT_KEY: makePrivacyKey(),
    ...environment,
  };
  const apps = await Promise.all(INSTANCES.map((instance) => startAnotherApp(instance, shared)));
  const proxy = await startProxy(INSTANCES, Number(new URL(url).port));
  return () => {
    proxy.close();
    for (const child of [...apps, redis]) child.kill();
  };
}
