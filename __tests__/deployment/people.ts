import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type TestSimulator, wrongPin } from '@/__tests__/support/simulator';
import { type Answer, post } from './nginx';

/** Pause between the requests of one person, so that the load has a bound. */
const THINKS_MS = 20;
const GIVES_UP_AFTER_MS = 40_000;
/** The load stops after this time, even if a failed test did not stop it. */
const CLOSES_AFTER_MS = 15_000;
/** The reply did not come from the app, which marks each of its own: the connection broke, or the proxy answered. */
const isBroken = ({ headers }: Answer) => headers['x-request-id'] === undefined;
/** Every third person mistypes the code first. */
const MISTYPES = 3;

/** The outcome of one person's attempt to verify. */
export interface Journey {
  readonly number: string;
  readonly verified: boolean;
  /** Requests for a message, with any outcome. */
  readonly sends: number;
  /** Codes that the app accepted. */
  readonly yes: readonly string[];
  /** Requests without a reply from the app. */
  readonly broken: readonly string[];
  /** Replies that no person should get. */
  readonly strange: readonly string[];
}

/** Verifies one number from start to end, and continues after failures as people do. */
class Person {
  readonly number: string;
  readonly #port: number;
  readonly #from: string;
  readonly #mistypes: boolean;
  readonly #simulator: TestSimulator;
  readonly #agent = new Agent({ keepAlive: true });
  #givesUpAt = Date.now() + GIVES_UP_AFTER_MS;
  readonly #broken: string[] = [];
  readonly #strange: string[] = [];
  readonly #yes: string[] = [];
  #sends = 0;

  constructor(index: number, port: number, simulator: TestSimulator) {
    this.number = `+1415${String(2_000_000 + index)}`;
    // Each person has an address, because a limit by address would otherwise hit all of them together.
    this.#from = `127.1.${Math.floor(index / 250)}.${(index % 250) + 1}`;
    this.#mistypes = index % MISTYPES === 0;
    this.#port = port;
    this.#simulator = simulator;
  }

  async #ask(what: 'send' | 'verify', body: object): Promise<Answer> {
    await sleep(THINKS_MS);
    const answer = await post(this.#port, `/api/${what}-otp`, body, { from: this.#from, agent: this.#agent });
    if (isBroken(answer)) this.#broken.push(`${what} ${answer.status}`);
    else if (answer.status >= 500) this.#strange.push(`${what} ${answer.status} ${answer.text}`);
    if (answer.status === 429) await this.#waitAsTold(answer);
    return answer;
  }

  async #waitAsTold({ headers, text }: Answer): Promise<void> {
    const waitMs = Number(headers['retry-after'] ?? 0) * 1000;
    if (Date.now() + waitMs < this.#givesUpAt) return sleep(waitMs);
    this.#strange.push(`had to wait: ${text}`);
    this.#givesUpAt = 0;
  }

  async #send(): Promise<{ pinId: string; pin: string } | undefined> {
    this.#sends += 1;
    const { status, text } = await this.#ask('send', { phoneNumber: this.number });
    if (status !== 200) return undefined;
    return { pinId: (JSON.parse(text) as { pinId: string }).pinId, pin: await this.#simulator.pinFor(this.number) };
  }

  /** @returns undefined if a retry may help */
  async #verify(pinId: string, pin: string): Promise<boolean | undefined> {
    const answer = await this.#ask('verify', { pinId, pin });
    if (isBroken(answer)) return undefined;
    const { code, verified } = JSON.parse(answer.text) as { code?: string; verified: boolean };
    if (code === 'RATE_LIMITED') return undefined;
    if (verified) this.#yes.push(`${pinId} ${pin}`);
    return verified;
  }

  async #once(): Promise<boolean> {
    const sent = await this.#send();
    if (!sent) return false;
    const { pinId, pin } = sent;
    if (this.#mistypes && (await this.#verify(pinId, wrongPin(pin)))) this.#strange.push('a wrong code was accepted');
    let verified: boolean | undefined;
    while (verified === undefined && Date.now() < this.#givesUpAt) verified = await this.#verify(pinId, pin);
    // Enter the code again, which must not count.
    if (verified) await this.#verify(pinId, pin);
    return verified === true;
  }

  async verifyNumber(): Promise<Journey> {
    let verified = false;
    while (!verified && Date.now() < this.#givesUpAt) verified = await this.#once();
    this.#agent.destroy();
    return {
      number: this.number,
      verified,
      sends: this.#sends,
      yes: this.#yes,
      broken: this.#broken,
      strange: this.#strange,
    };
  }
}

/** Keeps a constant number of people verifying, each followed by the next, until `leave`. */
export class Crowd {
  readonly #journeys: Journey[] = [];
  readonly #lanes: Promise<void>[];
  #open = true;
  #next: number;

  constructor(lanes: number, first: number, port: number, simulator: TestSimulator) {
    this.#next = first;
    const closesAt = Date.now() + CLOSES_AFTER_MS;
    this.#lanes = Array.from({ length: lanes }, async (_, lane) => {
      // Do not start all people at the same moment on instances that have done nothing yet.
      await sleep(lane * THINKS_MS);
      while (this.#open && Date.now() < closesAt) {
        const person = new Person(this.#next++, port, simulator);
        this.#journeys.push(await person.verifyNumber());
      }
    });
  }

  /** Admits nobody new, and waits for those who are in progress. */
  async leave(): Promise<readonly Journey[]> {
    this.#open = false;
    await Promise.all(this.#lanes);
    return this.#journeys;
  }
}
