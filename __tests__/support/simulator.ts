import type { Simulator } from '@/simulator/simulator';
import { startSimulator } from './shared';

/** One message in the simulator's inbox. */
export interface InboxMessage {
  to: string;
  channel: 'sms' | 'voice';
  text: string;
  pin: string;
  pinId: string;
}

/** One call that the simulator received. */
export interface UpstreamCall {
  method: string;
  path: string;
  query: Record<string, string>;
  headers: Record<string, string>;
  body: Record<string, unknown>;
  operation: string | null;
  /** Status of the reply; null while there is none. */
  status: number | null;
}

/** A simulator as tests see it: over HTTP alone. */
export class TestSimulator {
  readonly url: string;
  readonly #simulator: Simulator;

  private constructor(simulator: Simulator) {
    this.#simulator = simulator;
    this.url = simulator.url;
  }

  static async start(): Promise<TestSimulator> {
    // Otherwise Jest would wait forever for one that a failing test leaves running.
    return new TestSimulator(await startSimulator({ port: 0, background: true }));
  }

  async #control(method: string, path: string, body?: unknown): Promise<unknown> {
    const reply = await fetch(this.url + path, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }),
    });
    if (!reply.ok) throw new Error(`The simulator refused ${path}: ${await reply.text()}`);
    const text = await reply.text();
    return text === '' ? undefined : (JSON.parse(text) as unknown);
  }

  fault(operation: string, fault: object, plan: { times?: number; processed?: boolean } = {}): Promise<unknown> {
    return this.#control('POST', '/control/faults', { operation, fault, ...plan });
  }

  advance(ms: number): Promise<unknown> {
    return this.#control('POST', '/control/clock', { advanceMs: ms });
  }

  reset(): Promise<unknown> {
    return this.#control('POST', '/control/reset');
  }

  clearFaults(): Promise<unknown> {
    return this.#control('DELETE', '/control/faults');
  }

  async calls(operation?: string): Promise<UpstreamCall[]> {
    const calls = (await this.#control('GET', '/control/requests')) as UpstreamCall[];
    return operation === undefined ? calls : calls.filter((call) => call.operation === operation);
  }

  async messages(to?: string): Promise<InboxMessage[]> {
    const query = to === undefined ? '' : `?to=${to.replace('+', '')}`;
    return (await this.#control('GET', `/inbox/messages${query}`)) as InboxMessage[];
  }

  /** The newest code sent to a number. */
  async pinFor(to: string): Promise<string> {
    const message = (await this.messages(to)).at(-1);
    if (!message) throw new Error(`Nothing was sent to ${to}`);
    return message.pin;
  }

  close(): Promise<void> {
    return this.#simulator.close();
  }
}

/** A code that is not the correct one. */
export const wrongPin = (right: string): string => (right === '000000' ? '111111' : '000000');
