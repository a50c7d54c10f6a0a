import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type Agent, type OutgoingHttpHeaders, request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '@/__tests__/support/free-port';

const has = (command: string, ...words: string[]) => spawnSync(command, words).status === 0;
/** Linux, because each client of the tests has a loopback address of its own. */
const possible = process.platform === 'linux' && has('nginx', '-v') && has('redis-server', '--version');
if (!possible && !process.env.CI)
  process.stderr.write('Deployment tests skipped: they need Linux, nginx and redis-server.\n');

/** Tests that need a real nginx and Redis. If one is missing, they are skipped, except in CI, where they fail. */
export const describeDeployed: jest.Describe = possible || process.env.CI ? describe : describe.skip;

/** Folders that replace those under /var, and the configuration that an image or a distribution has around a site. */
const frame = (site: string) => `
worker_processes 2;
pid nginx.pid;
events { worker_connections 1024; }
http {
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  include ${site};
}
`;

/** deploy/nginx.conf with these places filled in, and nothing else changed. */
function siteFor(folder: string, port: number, instances: readonly [number, number]): string {
  const places: [string, string][] = [
    ['listen 8080;', `listen 127.0.0.1:${port};`],
    ['server app-1:3000', `server 127.0.0.1:${instances[0]}`],
    ['server app-2:3000', `server 127.0.0.1:${instances[1]}`],
    ['(-f /run/', `(-f ${folder}/`],
    ['access_log /var/log/nginx/', `access_log ${folder}/`],
  ];
  return places.reduce(
    (text, [shipped, here]) => {
      if (!text.includes(shipped)) throw new Error(`deploy/nginx.conf must have ${shipped}`);
      return text.replaceAll(shipped, here);
    },
    readFileSync('deploy/nginx.conf', 'utf8'),
  );
}

/** The reply; status 0 means that the connection broke. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** A real nginx with the shipped configuration. */
export class TestNginx {
  readonly port: number;
  readonly #folder: string;
  readonly #process: ChildProcess;
  #errors = '';

  private constructor(port: number, folder: string) {
    this.port = port;
    this.#folder = folder;
    const words = ['-e', 'stderr', '-p', folder, '-c', path.join(folder, 'nginx.conf'), '-g', 'daemon off;'];
    this.#process = spawn('nginx', words, { stdio: ['ignore', 'ignore', 'pipe'] });
    this.#process.stderr?.on('data', (chunk: Buffer) => {
      this.#errors += chunk.toString();
    });
  }

  static async start(instances: readonly [number, number]): Promise<TestNginx> {
    const port = await freePort();
    const folder = mkdtempSync(path.join(tmpdir(), 'nginx-'));
    // nginx's workers do not run as root, but must see files in this folder.
    chmodSync(folder, 0o755);
    const site = path.join(folder, 'site.conf');
    writeFileSync(site, siteFor(folder, port, instances));
    writeFileSync(path.join(folder, 'nginx.conf'), frame(site));
    const nginx = new TestNginx(port, folder);
    while (!(await nginx.#listens())) {
      if (nginx.#process.exitCode !== null) throw new Error(`nginx did not start: ${nginx.#errors}`);
      await sleep(20);
    }
    return nginx;
  }

  #listens(): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = connect(this.port, '127.0.0.1');
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
  }

  /** Stops new requests to an instance, as an operator does before ending it, or resumes them. */
  takeOut(instance: 'app-1' | 'app-2'): void {
    writeFileSync(path.join(this.#folder, `${instance}.down`), '');
  }

  putBack(instance: 'app-1' | 'app-2'): void {
    rmSync(path.join(this.#folder, `${instance}.down`));
  }

  /** Turns the log of addresses on, as an operator does during an attack, or off. */
  keepLog(): void {
    writeFileSync(path.join(this.#folder, 'access-log'), '');
  }

  endLog(): void {
    rmSync(path.join(this.#folder, 'access-log'));
  }

  /**
   * Ends nginx and returns what it has logged. Its workers write lines after their replies, so both logs are complete
   * only now.
   * - `log` has lines, with addresses, only while an operator turns it on
   * - `errors` is what it writes about failures, in its error log and on standard error. The image makes nginx use standard error.
   */
  async stop(): Promise<{ readonly log: string; readonly errors: string }> {
    if (this.#process.exitCode === null) {
      this.#process.kill('SIGQUIT');
      await once(this.#process, 'close');
    }
    const read = (name: string) => readFileSync(path.join(this.#folder, name), 'utf8');
    const logs = { log: read('access.log'), errors: read('error.log') + this.#errors };
    rmSync(this.#folder, { recursive: true });
    return logs;
  }
}

interface Asked {
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string;
  /** The client's address: any of 127.0.0.0/8. */
  readonly from?: string;
  readonly agent?: Agent;
}

/** Requests exactly this path, without normalizing it. */
export function ask(port: number, target: string, { body, from, ...asked }: Asked = {}): Promise<Answer> {
  return new Promise((resolve) => {
    const broken = (error: Error) => resolve({ status: 0, headers: {}, text: error.message });
    const options = { host: '127.0.0.1', port, path: target, ...asked, ...(from && { localAddress: from }) };
    const outgoing = request(options, (reply) => {
      let text = '';
      reply.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      reply.once('end', () => resolve({ status: reply.statusCode ?? 0, headers: reply.headers, text }));
      reply.once('error', broken);
    });
    outgoing.once('error', broken);
    outgoing.end(body);
  });
}

export const post = (port: number, target: string, body: object, asked: Asked = {}): Promise<Answer> =>
  ask(port, target, {
    ...asked,
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...asked.headers },
    body: JSON.stringify(body),
  });
