import { TestApp } from './app';
import { TestRedis } from './redis';
import { TestSimulator } from './simulator';

export type Environment = Readonly<Record<string, string>>;

/** Tests send to a number as often as they like; tests of the wait between messages set their own. */
const NO_COOLDOWN: Environment = { RESEND_COOLDOWN_SECONDS: '0' };

/** A busy machine may need many seconds to start a server. */
const START_WITHIN_MS = 60_000;

const stop = (app: TestApp) => app.stop();

/**
 * Starts something before the first test of a file or `describe`, and stops it after the last one. It returns a
 * stand-in for the real thing, which exists while the tests run.
 */
export function useShared<T extends object>(start: () => Promise<T>, end: (shared: T) => Promise<unknown>): T {
  let shared: T | undefined;
  const current = (): T => {
    if (!shared) throw new Error('This exists only while tests run.');
    return shared;
  };
  beforeAll(async () => {
    shared = await start();
  }, START_WITHIN_MS);
  afterAll(async () => {
    if (shared) await end(shared);
  });
  return new Proxy({} as T, {
    get(_, name) {
      const value: unknown = Reflect.get(current(), name, shared);
      return typeof value === 'function' ? value.bind(shared) : value;
    },
    set: (_, name, value) => Reflect.set(current(), name, value, shared),
  });
}

interface Options {
  /** Empties the simulator before each test, unless it is false. */
  readonly resetEach?: boolean;
}

export interface SimulatorFixture {
  readonly simulator: TestSimulator;
  /** Starts an app, which the test has to stop. */
  readonly startApp: (environment?: Environment) => Promise<TestApp>;
  /** Runs an app for a part of one test. */
  readonly withApp: <T>(environment: Environment, use: (app: TestApp) => Promise<T>) => Promise<T>;
}

/** A simulator for a file's tests, each of which starts its own apps. */
export function useSimulator({ resetEach = true }: Options = {}): SimulatorFixture {
  const simulator = useShared(
    () => TestSimulator.start(),
    (started) => started.close(),
  );
  if (resetEach) beforeEach(() => simulator.reset());
  const startApp = (environment: Environment = {}) => TestApp.start(simulator.url, { ...NO_COOLDOWN, ...environment });
  return {
    simulator,
    startApp,
    withApp: async (environment, use) => {
      const app = await startApp(environment);
      try {
        return await use(app);
      } finally {
        await app.stop();
      }
    },
  };
}

/**
 * An app and its simulator for a file's tests.
 * @param environment more variables for the app, or a function that returns them once the simulator runs
 */
export function useApp(
  environment: Environment | ((simulator: TestSimulator) => Environment | Promise<Environment>) = {},
  options: Options = {},
): SimulatorFixture & { readonly app: TestApp } {
  const fixture = useSimulator(options);
  const start = async () => {
    const variables = typeof environment === 'function' ? await environment(fixture.simulator) : environment;
    return fixture.startApp(variables);
  };
  return { app: useShared(start, stop), ...fixture };
}

/** Another app for some of a file's tests. */
export const useAnotherApp = (start: () => Promise<TestApp>): TestApp => useShared(start, stop);

/** A Redis for a file's tests; apps get its address as REDIS_URL. */
export const useRedis = (): TestRedis =>
  useShared(
    () => TestRedis.start(),
    (redis) => redis.kill(),
  );
