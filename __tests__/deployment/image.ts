import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, cpSync, lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readStages, type Stage, textOf, textsOf } from './dockerfile';

/** A user without rights in case the tests run as root; the image's user has no more. */
const NOBODY = 65_534;
const asNobody = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
const READ_ONLY = { folder: 0o555, file: 0o444 };

const entriesOf = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true }).map((entry) => ({
    file: path.join(entry.parentPath, entry.name),
    isFile: entry.isFile(),
    isFolder: entry.isDirectory(),
  }));

function environmentOf(stage: Stage): Record<string, string> {
  const pairs = textsOf(stage, 'ENV').flatMap((text) => text.split(' '));
  return Object.fromEntries(pairs.map((pair) => pair.split('=') as [string, string]));
}

/**
 * The image of the Dockerfile's last stage, built and run without Docker. The code here does what its COPY, ENV, USER,
 * HEALTHCHECK and CMD lines say, with the build of this checkout. Its files are read-only.
 */
export class Image {
  readonly folder: string;
  readonly #stage: Stage;

  private constructor(stage: Stage) {
    this.#stage = stage;
    this.folder = mkdtempSync(path.join(tmpdir(), 'image-'));
  }

  static assemble(): Image {
    const stage = readStages().at(-1);
    if (!stage) throw new Error('The Dockerfile is empty');
    const image = new Image(stage);
    for (const text of textsOf(stage, 'COPY')) {
      const [, source = '', target = ''] = /^--from=build \/app\/(\S+) (\.\/\S*)$/.exec(text) ?? [];
      if (source === '') throw new Error(`Not understood: COPY ${text}`);
      cpSync(source, path.join(image.folder, target), { recursive: true, verbatimSymlinks: true });
    }
    for (const { file, isFile, isFolder } of entriesOf(image.folder)) {
      if (isFile) chmodSync(file, READ_ONLY.file);
      if (isFolder) chmodSync(file, READ_ONLY.folder);
    }
    chmodSync(image.folder, READ_ONLY.folder);
    return image;
  }

  /** Starts a program in the image, as its user, with its variables and the given ones. */
  spawn(command: 'CMD' | 'HEALTHCHECK', environment: Record<string, string>): ChildProcess {
    const [program = '', ...words] = JSON.parse(textOf(this.#stage, command).replace(/^.*?(?=\[)/, '')) as string[];
    if (program !== 'node' || textOf(this.#stage, 'USER') === 'root') throw new Error('Cannot run this program');
    return spawn(process.execPath, words, {
      cwd: this.folder,
      // Tests stay on loopback.
      env: { ...environmentOf(this.#stage), HOSTNAME: '127.0.0.1', ...environment } as unknown as NodeJS.ProcessEnv,
      stdio: ['ignore', 'pipe', 'pipe'],
      ...asNobody,
    });
  }

  /** The health that Docker would report for a container. */
  async isHealthy(port: number): Promise<boolean> {
    const [code] = (await once(this.spawn('HEALTHCHECK', { PORT: String(port) }), 'exit')) as [number];
    return code === 0;
  }

  /** A hash of all names and contents. */
  hash(): string {
    const hash = createHash('sha256');
    for (const { file, isFile } of entriesOf(this.folder)) {
      hash.update(`${file}\0${lstatSync(file).mode}\0`).update(isFile ? readFileSync(file) : '');
    }
    return hash.digest('hex');
  }

  remove(): void {
    spawnSync('chmod', ['-R', 'u+w', this.folder]);
    rmSync(this.folder, { recursive: true });
  }
}

/** Jest would wait for ever for the instances of a test that failed before it ended them. */
const running = new Set<ChildProcess>();
afterAll(() => {
  for (const child of running) child.kill('SIGKILL');
});

/** One container of the image, at a port that it keeps over restarts. */
export class Instance {
  readonly port: number;
  readonly #image: Image;
  readonly #environment: Record<string, string>;
  #process: ChildProcess | undefined;
  #output = '';

  constructor(image: Image, port: number, environment: Record<string, string>) {
    this.#image = image;
    this.port = port;
    this.#environment = { ...environment, PORT: String(port) };
  }

  /** Waits until it can serve, as the proxy's operator would. */
  async start(): Promise<this> {
    const child = this.#image.spawn('CMD', this.#environment);
    this.#process = child;
    running.add(child);
    child.once('exit', () => running.delete(child));
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.#output += chunk.toString();
      });
    }
    const ready = () =>
      fetch(`http://127.0.0.1:${this.port}/api/ready`).then(
        ({ ok }) => ok,
        () => false,
      );
    while (!(await ready())) {
      if (child.exitCode !== null) throw new Error(`The instance did not start: ${this.#output}`);
      await sleep(25);
    }
    return this;
  }

  /** All output so far, over restarts. */
  get output(): string {
    return this.#output;
  }

  /** @returns the exit code; null after SIGKILL */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
    const child = this.#process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return null;
    const ended = once(child, 'exit') as Promise<[number | null]>;
    child.kill(signal);
    return (await ended)[0];
  }
}
