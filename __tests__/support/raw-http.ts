import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Reply, TestApp } from './app';
import { expectDocumented } from './shared';

/** Anything that listens at an address. */
type Server = Pick<TestApp, 'url'>;

/** The parts of a hand-written request. */
export interface RawRequest {
  method?: string;
  /** The request target, as it goes into the first line. */
  target: string;
  /** Complete lines, in order. `Host` and `Content-Length` are added unless a line has them. */
  headers?: readonly string[];
  body?: string | Buffer;
}

const JSON_TYPE = 'Content-Type: application/json';

/** Enough even on a busy machine, and less than the server waits for a request that does not continue. */
const REPLIES_WITHIN_MS = 9000;

/** A POST of JSON to one of the routes. */
export const jsonPost = (target: string, body: object | string, headers: readonly string[] = []): RawRequest => ({
  method: 'POST',
  target,
  headers: [JSON_TYPE, ...headers],
  body: typeof body === 'string' ? body : JSON.stringify(body),
});

/** The bytes of a request. Lines are Latin-1, as in HTTP. */
export function bytesOf(app: Server, { method = 'GET', target, headers = [], body = '' }: RawRequest): Buffer {
  const has = (name: string) => headers.some((line) => line.toLowerCase().startsWith(`${name}:`));
  const lines = [`${method} ${target} HTTP/1.1`, ...headers];
  if (!has('host')) lines.splice(1, 0, `Host: ${new URL(app.url).host}`);
  const content = Buffer.from(body);
  if (content.length > 0 && !has('content-length') && !has('transfer-encoding')) {
    lines.push(`Content-Length: ${content.length}`);
  }
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), content]);
}

/** The body of a chunked message and what follows it; undefined while it is incomplete. */
function readChunks(bytes: Buffer): { body: Buffer; rest: Buffer } | undefined {
  const parts: Buffer[] = [];
  for (let at = 0; ; ) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd < 0) return undefined;
    const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16);
    const end = lineEnd + 2 + size;
    if (bytes.length < end + 2) return undefined;
    if (size === 0) return { body: Buffer.concat(parts), rest: bytes.subarray(end + 2) };
    parts.push(bytes.subarray(lineEnd + 2, end));
    at = end + 2;
  }
}

/** One TCP connection to the app: for requests that no client library would send, and their replies in order. */
export class RawConnection {
  readonly #socket: Socket;
  #received = Buffer.alloc(0);
  #ended = false;
  #changed: () => void = () => undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#changed();
    });
    socket.on('close', () => {
      this.#ended = true;
      this.#changed();
    });
    // A reset ends the connection like any other end; unread bytes are still there.
    socket.on('error', () => undefined);
  }

  static async open(app: Server): Promise<RawConnection> {
    const { hostname, port } = new URL(app.url);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    return new RawConnection(socket);
  }

  write(bytes: string | Buffer): this {
    this.#socket.write(bytes, 'latin1');
    return this;
  }

  get isClosed(): boolean {
    return this.#ended;
  }

  /** Ends it from this side, at once. */
  destroy(): void {
    this.#socket.destroy();
  }

  /** Resolves when the server has closed it. */
  async closed(withinMs = 5000): Promise<void> {
    if (!(await this.#until(() => this.#ended, withinMs))) throw new Error('The connection is still open.');
  }

  /**
   * The next final reply; undefined when the connection ends without one.
   * @param method of the request: replies to HEAD have no body
   */
  async reply(method = 'POST', withinMs = REPLIES_WITHIN_MS): Promise<Reply | undefined> {
    let reply: Reply | undefined;
    const arrived = await this.#until(() => {
      reply = this.#take(method);
      return reply !== undefined || this.#ended;
    }, withinMs);
    if (!arrived) throw new Error(`No whole reply in time, but: ${this.#received.toString('latin1')}`);
    return reply !== undefined && reply.status < 200 ? this.reply(method, withinMs) : reply;
  }

  async #until(reached: () => boolean, withinMs: number): Promise<boolean> {
    const deadline = Date.now() + withinMs;
    while (!reached()) {
      const left = deadline - Date.now();
      if (left <= 0) return false;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#changed = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    return true;
  }

  #take(method: string): Reply | undefined {
    const headEnd = this.#received.indexOf('\r\n\r\n');
    if (headEnd < 0) return undefined;
    const [first = '', ...lines] = this.#received.toString('latin1', 0, headEnd).split('\r\n');
    const status = Number(first.split(' ')[1]);
    const headers = new Headers();
    for (const line of lines)
      headers.append(line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim());
    const after = this.#received.subarray(headEnd + 4);
    const taken = this.#takeBody(after, headers, method === 'HEAD' || status < 200 || status === 204);
    if (!taken) return undefined;
    this.#received = Buffer.from(taken.rest);
    const text = taken.body.toString();
    const isJson = headers.get('content-type')?.startsWith('application/json') && text !== '';
    return { status, headers, body: isJson ? (JSON.parse(text) as unknown) : text === '' ? {} : text };
  }

  #takeBody(after: Buffer, headers: Headers, none: boolean): { body: Buffer; rest: Buffer } | undefined {
    if (none) return { body: Buffer.alloc(0), rest: after };
    if (headers.get('transfer-encoding') === 'chunked') return readChunks(after);
    const length = headers.get('content-length');
    if (length === null)
      return this.#ended || headers.get('connection') !== 'close' ? { body: after, rest: Buffer.alloc(0) } : undefined;
    if (after.length < Number(length)) return undefined;
    return { body: after.subarray(0, Number(length)), rest: after.subarray(Number(length)) };
  }
}

/** One request on its own connection; undefined if the server closes it without a reply. */
export async function rawRequest(app: Server, request: RawRequest): Promise<Reply | undefined> {
  const connection = await RawConnection.open(app);
  const reply = await connection.write(bytesOf(app, request)).reply(request.method);
  connection.destroy();
  return reply;
}

/** The same for a documented route: there is a reply, and it matches the document. */
export async function documentedRequest(app: Server, request: RawRequest): Promise<Reply> {
  const reply = await rawRequest(app, request);
  if (!reply) throw new Error(`No reply to ${request.method} ${request.target}`);
  expectDocumented(request.method ?? 'GET', request.target, reply);
  return reply;
}

/** The parts of a reply that tests compare. */
export const outcomeOf = (reply: Reply | undefined): [number | undefined, string | undefined] => [
  reply?.status,
  reply?.body.code,
];
