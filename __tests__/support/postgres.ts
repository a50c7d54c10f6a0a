import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { freePort } from './free-port';

const DEBIAN_FOLDER = '/usr/lib/postgresql';
const START_WITHIN_MS = 30_000;

/** Folder of the server's programs: Debian does not put them on the PATH. */
function findPrograms(): string | undefined {
  const versions = existsSync(DEBIAN_FOLDER)
    ? readdirSync(DEBIAN_FOLDER)
        .map(Number)
        .sort((a, b) => b - a)
    : [];
  const folders = [
    ...versions.map((version) => `${DEBIAN_FOLDER}/${version}/bin`),
    ...(process.env.PATH ?? '').split(':'),
  ];
  return folders.find((folder) => existsSync(path.join(folder, 'initdb')) && existsSync(path.join(folder, 'postgres')));
}

const programs = findPrograms();
if (!programs && !process.env.CI)
  process.stderr.write('PostgreSQL tests skipped: no initdb found, install postgresql to run them.\n');

/** Tests that need a real PostgreSQL. Without it they are skipped, except in CI, where they then fail. */
export const describeWithPostgres: jest.Describe = programs || process.env.CI ? describe : describe.skip;

/** PostgreSQL refuses to run as root. */
function unprivileged(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const user = spawnSync('id', ['-u', 'postgres']).status === 0 ? 'postgres' : 'nobody';
  const idOf = (option: string) => Number(execFileSync('id', [option, user], { encoding: 'utf8' }));
  return { uid: idOf('-u'), gid: idOf('-g') };
}

/** A test that fails may leave servers behind, and Jest would wait for them forever. */
const running = new Set<TestPostgres>();
afterAll(() => Promise.all([...running].map((server) => server.remove())));

/** A real PostgreSQL server for the tests of one file, which may break it at will. */
export class TestPostgres {
  readonly port: number;
  readonly #folder = mkdtempSync(path.join(tmpdir(), 'postgres-'));
  readonly #user = unprivileged();
  #server: ChildProcess | undefined;

  private constructor(port: number) {
    this.port = port;
  }

  static async start(): Promise<TestPostgres> {
    const server = new TestPostgres(await freePort());
    running.add(server);
    server.#initialize();
    await server.restart();
    return server;
  }

  get #data(): string {
    return path.join(this.#folder, 'data');
  }

  #initialize(): void {
    const { uid, gid } = this.#user;
    if (uid !== undefined && gid !== undefined) chownSync(this.#folder, uid, gid);
    const options = ['--auth=trust', '--username=app', '--encoding=UTF8', '--locale=C', '--no-sync'];
    execFileSync(path.join(programs ?? '', 'initdb'), ['-D', this.#data, ...options], {
      ...this.#user,
      cwd: this.#folder,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
  }

  url(database = 'postgres'): string {
    return `postgres://app@127.0.0.1:${this.port}/${database}`;
  }

  /** @returns the address of a new, empty database */
  async createDatabase(name: string): Promise<string> {
    await this.query(`CREATE DATABASE ${name}`);
    return this.url(name);
  }

  /** Runs one statement on a connection of its own. */
  async query(sql: string, url = this.url()): Promise<Record<string, unknown>[]> {
    const client = new Client({ connectionString: url });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return (await client.query(sql)).rows as Record<string, unknown>[];
    } finally {
      await client.end();
    }
  }

  /** Starts the server again, with its data. */
  async restart(): Promise<void> {
    const place = ['-D', this.#data, '-p', String(this.port), '-h', '127.0.0.1', '-k', this.#folder];
    // The server's processes may crash in tests, but the machine does not, so writes need not reach the disk.
    const settings = ['-c', 'fsync=off', '-c', 'shared_buffers=16MB', '-c', 'max_connections=50'];
    this.#server = spawn(path.join(programs ?? '', 'postgres'), [...place, ...settings], {
      ...this.#user,
      cwd: this.#folder,
      stdio: 'ignore',
    });
    for (let waited = 0; waited < START_WITHIN_MS; waited += 50) {
      if (await this.query('SELECT 1').catch(() => undefined)) return;
      await sleep(50);
    }
    throw new Error(`PostgreSQL did not start on port ${this.port}`);
  }

  /** Ends the server at once, without a checkpoint ("immediate shutdown"): SIGKILL would leave its processes behind. */
  async kill(): Promise<void> {
    const server = this.#server;
    if (!server || server.exitCode !== null || server.signalCode !== null) return;
    server.kill('SIGQUIT');
    await once(server, 'exit');
  }

  async remove(): Promise<void> {
    await this.kill();
    running.delete(this);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** All that a database holds, as text. */
  dump(url: string): string {
    return execFileSync(path.join(programs ?? '', 'pg_dump'), ['--inserts', url], { encoding: 'utf8' });
  }
}
