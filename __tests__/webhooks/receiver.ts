import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { Webhook } from 'standardwebhooks';

/** One request that the receiver got, with a valid signature. */
export interface Received {
  readonly id: string;
  readonly headers: Readonly<Record<string, string>>;
  /** As it arrived. */
  readonly body: string;
  readonly type: string;
  readonly timestamp: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Status of a response, or what to do with the response. */
export type Response = number | ((response: ServerResponse) => void);

export const SECRET = `whsec_${Buffer.from('a secret of thirty-two bytes: it').toString('base64')}`;

/** Never answers. */
export const HANG: Response = () => undefined;

/** A real server that receives webhooks. It refuses those whose signature is wrong. */
export class TestReceiver {
  readonly received: Received[] = [];
  /** Requests with a wrong signature. */
  readonly forged: string[] = [];
  /** What the receiver answers. */
  respond: (received: Received, count: number) => Response = () => 204;
  readonly #secret: string;
  #server: Server;
  #port = 0;

  private constructor(secret: string) {
    this.#secret = secret;
    this.#server = this.#create();
  }

  static async start(secret = SECRET): Promise<TestReceiver> {
    const receiver = new TestReceiver(secret);
    await receiver.#listen(0);
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}/webhooks?from=phone`;
  }

  /** The requests for one number, or of one type. */
  about(value: string): Received[] {
    return this.received.filter(({ type, data }) => type === value || data.phoneNumber === value);
  }

  reset(): void {
    this.received.length = 0;
    this.respond = () => 204;
  }

  /** Stops the receiver, and starts it again on the same port after `meanwhile`. */
  async goAway(meanwhile: () => Promise<unknown>): Promise<void> {
    await this.stop();
    await meanwhile();
    this.#server = this.#create();
    await this.#listen(this.#port);
  }

  async stop(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  #create(): Server {
    return createServer((request, response) => void this.#answer(request, response));
  }

  async #listen(port: number): Promise<void> {
    this.#server.listen(port, '127.0.0.1');
    // A failing test leaves the receiver running, and Jest would wait for it.
    this.#server.unref();
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    const headers = request.headers as Record<string, string>;
    let event: Omit<Received, 'id' | 'headers' | 'body'>;
    try {
      event = new Webhook(this.#secret).verify(body, headers) as typeof event;
    } catch (error) {
      this.forged.push(String(error));
      response.writeHead(401).end();
      return;
    }
    const received = { ...event, id: headers['webhook-id'] ?? '', headers, body };
    this.received.push(received);
    const answer = this.respond(received, this.received.length);
    if (typeof answer === 'number') response.writeHead(answer).end();
    else answer(response);
  }
}

/** Waits for a condition, which a busy machine may take a while to meet. */
export async function until(condition: () => boolean | Promise<boolean>, withinMs = 30_000): Promise<void> {
  const endsAt = performance.now() + withinMs;
  while (!(await condition())) {
    if (performance.now() > endsAt) throw new Error(`This did not happen: ${condition}`);
    await sleep(10);
  }
}
