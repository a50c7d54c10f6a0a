import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { BUILD } from '@/lib/config/build';
import { type Config, ConfigError, loadConfig } from '@/lib/config/config';
import { LOOPBACK, PRICE_UNITS } from '@/lib/config/environment-values';
import { createBrand } from '@/lib/http/brand';
import { readBlocklistFile } from '@/lib/methods/phone/blocklist';
import type { Report } from '@/lib/observability/events';
import type { Webhooks } from '@/lib/webhooks/webhooks';

/**
 * When the configuration is invalid, writes every fault to standard error and ends the process with status 1. If it
 * threw instead, the server would stay up and answer 500 to everything.
 */
export function exitOnBadConfiguration(): void {
  try {
    const { blockedNumbersFile, brand, openid } = loadConfig();
    readBlocklistFile(blockedNumbersFile);
    createBrand(brand, openid.clients);
  } catch (error) {
    process.stderr.write(`${error instanceof ConfigError ? error.message : String(error)}\n`);
    process.exit(1);
  }
}

const POLL_MS = 20;

/**
 * Gives the store a moment to connect. The server starts even while the store is down, and uses the store as soon as it
 * is back.
 */
export async function waitForStore(ping: () => Promise<void>, withinMs: number): Promise<void> {
  const answers = () =>
    ping().then(
      () => true,
      () => false,
    );
  for (let waited = 0; waited < withinMs && !(await answers()); waited += POLL_MS) await sleep(POLL_MS);
}

/** The services that starting and stopping the process needs. */
interface Stoppable {
  readonly config: Config;
  readonly report: Report;
  readonly webhooks: Webhooks | undefined;
}

/** The settings of this process, for the log. They contain no secrets. Limits go by the names of their variables. */
const settingsOf = ({ redisUrl, isRedisCluster, guard, budget, limits }: Config) => ({
  ...BUILD,
  node: process.versions.node,
  store: redisUrl === undefined ? 'memory' : isRedisCluster ? 'redis-cluster' : 'redis',
  guard: guard.mode,
  limits: {
    ...Object.fromEntries(limits.map(({ name, allowed }) => [name, allowed])),
    BUDGET_PER_HOUR: budget.perHour / PRICE_UNITS,
    BUDGET_PER_DAY: budget.perDay / PRICE_UNITS,
  },
});

/**
 * Delays the end of the process until `finish` is done, which takes a few seconds at most. Next ends the process as
 * soon as it has answered its requests, and waits for nothing else.
 */
function holdExit(finish: () => Promise<void>): void {
  const { exit } = process;
  process.exit = ((code) => {
    process.exit = exit;
    finish().finally(() => exit(code));
  }) as typeof exit;
}

/**
 * Logs that the server has started and, on SIGTERM, that it is stopping. Next answers the requests in progress, then
 * ends the process.
 */
export function logStartAndStop({ config, report, webhooks }: Stoppable): void {
  report('server.started', settingsOf(config));
  process.once('SIGTERM', () => {
    if (webhooks) holdExit(webhooks.stop);
    report('server.stopping', { uptimeSeconds: Math.round(process.uptime()) });
    // Any listener for SIGTERM disables Node's default, which ends the process. If ours was the only one, send the
    // signal again.
    if (process.listenerCount('SIGTERM') === 0) process.kill(process.pid, 'SIGTERM');
  });
}

/** The simulator's own default. */
const SIMULATOR_PORT = '4010';

/**
 * Checks whether the simulator runs, if Infobip's address is on this machine. For development.
 * @returns what to do if no server listens there; otherwise undefined
 */
export async function simulatorHint(baseUrl: string): Promise<string | undefined> {
  const { hostname, port } = new URL(baseUrl);
  if (!LOOPBACK.test(hostname)) return undefined;
  const socket = connect({ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 80) });
  try {
    await once(socket, 'connect');
    return undefined;
  } catch {
    const command = `${port === SIMULATOR_PORT ? '' : `SIMULATOR_PORT=${port} `}npm run simulator`;
    return `Nothing listens at ${baseUrl} (INFOBIP_BASE_URL), so no code can be sent. Start the simulator in another terminal: ${command}`;
  } finally {
    socket.destroy();
  }
}
