import { freePort } from '@/__tests__/support/free-port';
import { expectMainFlow } from '@/__tests__/support/main-flow';
import { RedisCluster } from '@/__tests__/support/redis-cluster';
import { RedisServer } from '@/__tests__/support/redis-server';
import { Deployment } from '@/__tests__/support/set-ups';
import { TestSimulator } from '@/__tests__/support/simulator';
import { describeWithValkey } from '@/__tests__/support/valkey';

const BINARY = 'valkey-server';

describeWithValkey('two instances on Valkey', () => {
  let simulator: TestSimulator;
  beforeAll(async () => {
    simulator = await TestSimulator.start();
  });
  afterAll(() => simulator.close());

  async function verifyOn(environment: Record<string, string>): Promise<void> {
    const deployment = new Deployment(
      () => simulator,
      () => ({ environment, instances: 2 }),
    );
    await deployment.start();
    await expectMainFlow(deployment);
    await deployment.stop();
  }

  test('a person verifies a number', async () => {
    const valkey = new RedisServer(BINARY, await freePort());
    await valkey.start();
    await verifyOn({ REDIS_URL: valkey.url });
    await valkey.remove();
  });

  test('a person verifies a number on a cluster', async () => {
    const cluster = await RedisCluster.start(BINARY);
    await verifyOn({ REDIS_URL: cluster.url, REDIS_CLUSTER: 'true' });
    await cluster.stop();
  });
});
