import { randomBytes } from 'node:crypto';
import { cookieOf, type Reply, type TestApp } from './app';
import { type TestSimulator, wrongPin } from './simulator';

/** The simulated application allows this many tries of one code. */
const TRIES_PER_CODE = 5;

/** Where a person's requests go. */
export interface Instances {
  readonly simulator: TestSimulator;
  ask(act: (app: TestApp) => Promise<Reply>): Promise<Reply>;
}

/** The device cookie from a reply, in the form in which a browser sends it back; empty if the reply sets none. */
export const deviceOf = (reply: Reply): string => cookieOf(reply, '__Host-device');

/** A person at an address: a stranger, who keeps no cookies, or the owner of a known device. */
export class Person {
  readonly address: string;
  #device: string;
  readonly #instances: Instances;

  constructor(instances: Instances, address: string, device = '') {
    this.#instances = instances;
    this.address = address;
    this.#device = device;
  }

  /** The cookie; empty for strangers. */
  get device(): string {
    return this.#device;
  }

  get headers(): Record<string, string> {
    return { 'x-forwarded-for': this.address, ...(this.device && { cookie: this.device }) };
  }

  send(number: string, more: object = {}): Promise<Reply> {
    return this.#instances.ask((app) => app.send(number, more, this.headers));
  }

  resend(pinId: string, more: object = {}): Promise<Reply> {
    return this.#instances.ask((app) => app.resend(pinId, more, this.headers));
  }

  async verify(pinId: string, pin: string): Promise<Reply> {
    const reply = await this.#instances.ask((app) => app.verify(pinId, pin, this.headers));
    // A browser also replaces a cookie that comes again.
    if (this.#device) this.#device = deviceOf(reply) || this.#device;
    return reply;
  }

  /** The same person with another cookie. */
  with(device: string): Person {
    return new Person(this.#instances, this.address, device);
  }

  /** The same person at another address. */
  at(address: string): Person {
    return new Person(this.#instances, address, this.device);
  }

  /** Gets a code and enters it. @returns both replies, or the first one twice if no code was sent */
  async prove(number: string): Promise<[Reply, Reply]> {
    const sent = await this.send(number);
    if (sent.status !== 200) return [sent, sent];
    await this.#instances.simulator.advance(1000);
    return [sent, await this.verify(sent.body.pinId, await this.#instances.simulator.pinFor(number))];
  }

  /** The same person after verifying the number, with the device cookie. */
  async becomeKnown(number: string): Promise<Person> {
    const [, verified] = await this.prove(number);
    if (verified.status !== 200) throw new Error(`Not verified: ${JSON.stringify(verified.body)}`);
    return this.with(deviceOf(verified));
  }

  /** Tries that many wrong codes, over several messages. Stops at the first other reply. */
  async guess(number: string, count: number): Promise<Reply[]> {
    const replies: Reply[] = [];
    let pinId = '';
    let wrong = '';
    for (let tried = 0; tried < count; tried += 1) {
      if (tried % TRIES_PER_CODE === 0) {
        const sent = await this.send(number);
        if (sent.status !== 200) return [...replies, sent];
        pinId = sent.body.pinId;
        wrong = wrongPin(await this.#instances.simulator.pinFor(number));
      }
      await this.#instances.simulator.advance(1000);
      const reply = await this.verify(pinId, wrong);
      replies.push(reply);
      if (reply.body.code !== 'WRONG_PIN') return replies;
    }
    return replies;
  }
}

let numbers = 0;
let networks = 0;

/** A number that no other test in this file uses. */
export function newNumber(): string {
  numbers += 1;
  return `+1415555${2000 + numbers}`;
}

/** A /24 that no other test in this file uses: its addresses, by host number. */
export function newNetwork(): (host: number) => string {
  networks += 1;
  const prefix = `20.${networks >> 8}.${networks & 255}`;
  return (host) => `${prefix}.${host}`;
}

/** An address in a network of its own. */
export const newAddress = (): string => newNetwork()(1);

/** A well-formed token that belongs to no verification. */
export const madeUpHandle = (): string => randomBytes(32).toString('base64url');

const BATCH = 40;

const TRIES = 5;

/**
 * Repeats a request while the store answers too late. That may happen on a busy machine, and says nothing about the
 * app.
 */
export async function untilAnswered(act: () => Promise<Reply>): Promise<Reply> {
  for (let left = TRIES; ; left -= 1) {
    const reply = await act();
    if (left === 1 || reply.body.code !== 'STORE_UNAVAILABLE') return reply;
  }
}

/** Makes that many requests, in parallel batches. */
export async function flood(count: number, act: (index: number) => Promise<Reply>): Promise<Reply[]> {
  const replies: Reply[] = [];
  for (let from = 0; from < count; from += BATCH) {
    const batch = Array.from({ length: Math.min(BATCH, count - from) }, (_, i) => untilAnswered(() => act(from + i)));
    replies.push(...(await Promise.all(batch)));
  }
  return replies;
}

/** How many replies of each kind there are: `{ '200': 3, '429 RATE_LIMITED': 2 }`. */
export function countOutcomes(replies: readonly Reply[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status, body } of replies) {
    const outcome = [status, body.code].filter(Boolean).join(' ');
    counts[outcome] = (counts[outcome] ?? 0) + 1;
  }
  return counts;
}
