import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';

export type Operation = 'send' | 'resend' | 'verify';

/** What a reply is made from: the good reply's JSON, and its pinId. */
export interface Good {
  readonly json: string;
  readonly pinId: string;
  readonly msisdn: string;
}

/** The exact bytes to send instead of a good reply. If they contain `Connection: close`, the connection closes after them. */
export type Bytes = (good: Good) => string | Buffer;

/** A complete HTTP reply with a length. */
export function http(body: string | Buffer, headers: readonly string[] = [], status = '200 OK'): Buffer {
  const lines = [`HTTP/1.1 ${status}`, 'Content-Type: application/json', ...headers];
  return Buffer.concat([
    Buffer.from(`${lines.join('\r\n')}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n`, 'latin1'),
    Buffer.from(body),
  ]);
}

/** Replaces Infobip with a bare socket, which can send what no HTTP server would. */
export class RawUpstream {
  readonly url: string;
  readonly calls: Operation[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #numbers = new Map<string, string>();
  #next: { operation: Operation; bytes: Bytes } | undefined;

  private constructor(server: Server) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('connection', (socket) => this.#serve(socket));
  }

  static async start(): Promise<RawUpstream> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new RawUpstream(server);
  }

  /** Answers the next request of a kind with these bytes, and all others well. */
  answer(operation: Operation, bytes: Bytes): void {
    this.calls.length = 0;
    this.#next = { operation, bytes };
  }

  /** All pinIds that this upstream gave out. */
  get pinIds(): string[] {
    return [...this.#numbers.keys()];
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    // Clients are right to break off when they receive this.
    socket.on('error', () => socket.destroy());
    let received = '';
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
      const end = received.indexOf('\r\n\r\n') + 4;
      const length = Number(/content-length: (\d+)/i.exec(received)?.[1] ?? 0);
      if (end < 4 || received.length < end + length) return;
      const reply = this.#reply(received.split(' ')[1] ?? '', received.slice(end, end + length));
      received = '';
      if (/^connection: close/im.test(reply.toString('latin1'))) socket.end(reply);
      else socket.write(reply);
    });
  }

  #reply(path: string, body: string): Buffer {
    const [, id, action] = /\/pin\/([^/?]+)\/(resend|verify)/.exec(path) ?? [];
    const operation = (action ?? 'send') as Operation;
    this.calls.push(operation);
    const pinId = id ?? randomBytes(16).toString('hex').toUpperCase();
    if (id === undefined) this.#numbers.set(pinId, (JSON.parse(body) as { to: string }).to);
    const msisdn = this.#numbers.get(pinId) ?? '';
    const sent = { pinId, to: msisdn, ncStatus: 'NC_DESTINATION_REACHABLE', smsStatus: 'MESSAGE_SENT' };
    const verified = { pinId, msisdn, verified: true, attemptsRemaining: 0 };
    const json = JSON.stringify(operation === 'verify' ? verified : sent);
    if (this.#next?.operation !== operation) return http(json);
    const { bytes } = this.#next;
    this.#next = undefined;
    return Buffer.from(bytes({ json, pinId, msisdn }));
  }
}
