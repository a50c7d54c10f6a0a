import type { Cluster, Redis } from 'ioredis';
import { SCRIPTS } from '@/lib/store/redis/scripts';
import type { TestRedis } from './redis';

const TIME = "redis.call('TIME')";

/** Makes every key end that much sooner. */
const AGE = `
for _, key in ipairs(redis.call('KEYS', '*')) do
  local left = redis.call('PTTL', key)
  if left >= 0 and left <= tonumber(ARGV[1]) then redis.call('DEL', key)
  elseif left >= 0 then redis.call('PEXPIRE', key, left - ARGV[1]) end
end`;

/**
 * A clock for stores in Redis that stands still until a test moves it, so that no test depends on how busy the machine
 * is. Scripts read it in place of Redis's own. Keys still expire by Redis's own: a test's times must be longer than the
 * test takes.
 */
export class RedisClock {
  #now = Date.now();
  readonly #nodes: () => readonly Pick<TestRedis, 'command'>[];
  readonly #redefine: (() => void)[] = [];

  /** @param nodes of the Redis, whose keys end sooner when the clock moves */
  constructor(nodes: () => readonly Pick<TestRedis, 'command'>[]) {
    this.#nodes = nodes;
  }

  /** Lets the scripts of a connection read this clock. */
  set(redis: Redis | Cluster): void {
    const define = redis.defineCommand.bind(redis);
    redis.defineCommand = (name, { lua, ...options }) => {
      const redefine = () => define(name, { ...options, lua: lua.replaceAll(TIME, this.#time) });
      this.#redefine.push(redefine);
      redefine();
    };
    for (const [name, lua] of Object.entries(SCRIPTS)) redis.defineCommand(name, { numberOfKeys: 1, lua });
  }

  async pass(ms: number): Promise<void> {
    this.#now += Math.ceil(ms);
    for (const redefine of this.#redefine) redefine();
    await Promise.all(this.#nodes().map((node) => node.command('EVAL', AGE, 0, Math.ceil(ms))));
  }

  /** The time in the form of Redis's TIME: seconds and microseconds. */
  get #time(): string {
    return `{'${Math.floor(this.#now / 1000)}', '${(this.#now % 1000) * 1000}'}`;
  }
}
