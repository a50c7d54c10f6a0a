import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makePrivacyKey } from '@/lib/config/keys';
import { type Reply, TestApp } from './app';
import { type Instances, newAddress, Person } from './person';
import { describeWithRedis, TestRedis } from './redis';
import { RedisCluster } from './redis-cluster';
import { runScript } from './script';
import { TestSimulator } from './simulator';

/** Variables for the instances, and for operators' commands. */
export const PRIVACY_KEY = makePrivacyKey();

/** Tests choose their addresses with X-Forwarded-For, and set the limits that they are about. */
export const UNLIMITED = {
  PRIVACY_KEY,
  TRUSTED_PROXY_HOPS: '1',
  RESEND_COOLDOWN_SECONDS: '0',
  LIMIT_REQUESTS_PER_ADDRESS: '1000000/1m',
  LIMIT_SEND_GLOBAL: '100000/1h',
  LIMIT_SEND_PER_NETWORK: '100000/1h',
  LIMIT_SEND_PER_NUMBER_AND_NETWORK: '100000/1h',
  LIMIT_VERIFY_PER_NETWORK: '100000/1h',
};

/** Where instances keep their state, and how many there are. */
export interface State {
  readonly environment: Record<string, string>;
  readonly instances: number;
  readonly redis?: TestRedis;
  readonly cluster?: RedisCluster;
}

/** Instances with the same settings; requests go to them in turn. */
export class Deployment implements Instances {
  readonly #simulator: () => TestSimulator;
  readonly #state: () => State;
  readonly #askedOf = new WeakMap<Reply, TestApp>();
  #folder = '';
  #apps: readonly TestApp[] = [];
  #turn = 0;
  #aheadMs = 0;
  #moving = Promise.resolve();

  /** @param simulator like `state`, a function: `start` calls both, because hooks start the servers after this call */
  constructor(simulator: () => TestSimulator, state: () => State) {
    this.#simulator = simulator;
    this.#state = state;
  }

  async start(environment: Record<string, string> = {}): Promise<void> {
    const { environment: state, instances } = this.#state();
    this.#folder = mkdtempSync(path.join(tmpdir(), 'clock-'));
    for (const node of this.nodes) await node.command('FLUSHALL');
    const clock = { CLOCK_FILE: this.#clockFile };
    const start = () => TestApp.start(this.simulator.url, { ...UNLIMITED, ...clock, ...state, ...environment });
    this.#apps = await Promise.all(Array.from({ length: instances }, start));
  }

  get #clockFile(): string {
    return path.join(this.#folder, 'ahead');
  }

  async stop(): Promise<void> {
    rmSync(this.#folder, { recursive: true, force: true });
    await Promise.all(this.#apps.map((app) => app.stop()));
  }

  get simulator(): TestSimulator {
    return this.#simulator();
  }

  /** The Redis with the state. Throws if the state is in memory. */
  get redis(): TestRedis {
    const { redis } = this.#state();
    if (!redis) throw new Error('There is no Redis.');
    return redis;
  }

  /** Whether the state is in Redis. */
  get nodes(): readonly Pick<TestRedis, 'command'>[] {
    const { redis, cluster } = this.#state();
    return redis ? [redis] : (cluster?.nodes ?? []);
  }

  get apps(): readonly TestApp[] {
    return this.#apps;
  }

  async ask(act: (app: TestApp) => Promise<Reply>): Promise<Reply> {
    this.#turn += 1;
    const app = this.#apps[this.#turn % this.#apps.length] as TestApp;
    const reply = await act(app);
    this.#askedOf.set(reply, app);
    return reply;
  }

  /** A stranger. */
  person(address = newAddress()): Person {
    return new Person(this, address);
  }

  /** The limit that the log names for a refusal. */
  async limitOf(reply: Reply): Promise<unknown> {
    return (await this.#askedOf.get(reply)?.logLineOf(reply))?.limit;
  }

  /** Ends a lock: in memory by moving the clock, in Redis as an operator does. */
  async endLock(number: string, lockedForSeconds: number): Promise<void> {
    const { redis } = this.#state();
    if (!redis) return this.moveClock(lockedForSeconds * 1000);
    const { status, stderr } = await runScript('unlock', [number], { REDIS_URL: redis.url, PRIVACY_KEY });
    if (status !== 0) throw new Error(stderr);
  }

  /** Lets time pass. In memory, it moves the clock. Redis has its own clock, so there it really waits. */
  async wait(seconds: number): Promise<void> {
    if (this.nodes.length > 0) await sleep(seconds * 1000);
    else await this.moveClock(seconds * 1000);
  }

  /** Moves the clock of the instances, one move after the other. Redis has its own. */
  moveClock(ms: number): Promise<void> {
    this.#moving = this.#moving.then(() => this.#move(ms));
    return this.#moving;
  }

  async #move(ms: number): Promise<void> {
    this.#aheadMs += ms;
    writeFileSync(this.#clockFile, String(this.#aheadMs));
    for (const app of this.#apps) {
      process.kill(app.pid, 'SIGUSR2');
      while (!app.output.includes(`clock moved: ${this.#aheadMs / 1000} s\n`)) await sleep(2);
    }
  }
}

const IN_MEMORY: State = { environment: {}, instances: 1 };

/** One way to keep state. */
export interface SetUp {
  readonly onRedis: boolean;
  /** Starts instances before the tests of this block, and stops them afterwards. */
  deploy(environment?: Record<string, string>): Deployment;
}

/** Registers tests, with the servers that run before and after everything else. */
function register(
  onRedis: boolean,
  tests: (setUp: SetUp) => void,
  startState: () => Promise<State>,
  endState: (state: State) => Promise<void> | undefined,
): void {
  let simulator: TestSimulator;
  let state: State;
  beforeAll(async () => {
    simulator = await TestSimulator.start();
    state = await startState();
  });
  tests({
    onRedis,
    deploy(environment = {}) {
      const deployment = new Deployment(
        () => simulator,
        () => state,
      );
      beforeAll(() => deployment.start(environment));
      afterAll(() => deployment.stop());
      return deployment;
    },
  });
  afterAll(async () => {
    await endState(state);
    await simulator.close();
  });
}

async function startOnRedis(): Promise<State> {
  const redis = await TestRedis.start();
  return { environment: { REDIS_URL: redis.url }, instances: 2, redis };
}

async function startOnCluster(): Promise<State> {
  const cluster = await RedisCluster.start();
  return { environment: { REDIS_URL: cluster.url, REDIS_CLUSTER: 'true' }, instances: 2, cluster };
}

/** Tests of one instance without Redis. */
export function describeInMemory(name: string, tests: (setUp: SetUp) => void): void {
  describe(`${name}, in memory`, () =>
    register(
      false,
      tests,
      async () => IN_MEMORY,
      async () => undefined,
    ));
}

/** Tests of two instances on one Redis. */
export function describeOnRedis(name: string, tests: (setUp: SetUp) => void): void {
  describeWithRedis(`${name}, on Redis by two instances`, () =>
    register(true, tests, startOnRedis, ({ redis }) => redis?.kill()),
  );
}

/** Tests of two instances on a cluster of Redis. */
export function describeOnCluster(name: string, tests: (setUp: SetUp) => void): void {
  describeWithRedis(`${name}, on a cluster of Redis by two instances`, () =>
    register(true, tests, startOnCluster, ({ cluster }) => cluster?.stop()),
  );
}

/** The same tests for each way in which state can be kept. */
export function describeEverySetUp(name: string, tests: (setUp: SetUp) => void): void {
  describeInMemory(name, tests);
  describeOnRedis(name, tests);
}

/** The same tests for each of these ways, and for a cluster, where a reservation takes several steps. */
export function describeEverywhere(name: string, tests: (setUp: SetUp) => void): void {
  describeEverySetUp(name, tests);
  describeOnCluster(name, tests);
}
