import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Secret, TOTP } from 'otpauth';
import { request } from 'undici';
import type { Reply } from '@/__tests__/support/app';
import { newAddress } from '@/__tests__/support/person';
import type { Deployment } from '@/__tests__/support/set-ups';

const STEP_MS = 30_000;
/** Steps around the current one whose codes the server may accept while a test runs. */
const NEARBY = [-3, -2, -1, 0, 1, 2, 3, 4];

/** A directory for the database of a file's tests. */
export function newDataDir(): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'factors-'));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** A deployment's clock, which codes depend on. */
export class Clock {
  readonly #deployment: Deployment;
  #aheadMs = 0;

  constructor(deployment: Deployment) {
    this.#deployment = deployment;
  }

  get now(): number {
    return Date.now() + this.#aheadMs;
  }

  async pass(ms: number): Promise<void> {
    this.#aheadMs += ms;
    await this.#deployment.moveClock(ms);
  }
}

/** An authenticator app. */
export class AuthenticatorApp {
  readonly #totp: TOTP;
  readonly #clock: Clock;
  #lastStep = 0;

  constructor(secret: string, clock: Clock) {
    this.#totp = new TOTP({ secret: Secret.fromBase32(secret) });
    this.#clock = clock;
  }

  get step(): number {
    return Math.floor(this.#clock.now / STEP_MS);
  }

  /** The step of the newest code that the app has shown. */
  get lastStep(): number {
    return this.#lastStep;
  }

  at(step: number): string {
    return this.#totp.generate({ timestamp: step * STEP_MS });
  }

  /** A code that the app has not shown before. If there is none, it lets time pass. */
  async next(): Promise<string> {
    if (this.#lastStep > this.step) await this.#clock.pass(STEP_MS);
    this.#lastStep = Math.max(this.step, this.#lastStep + 1);
    return this.at(this.#lastStep);
  }

  /** A code that none of the current steps has. */
  wrong(): string {
    const right = NEARBY.map((around) => this.at(this.step + around));
    return ['000000', '111111', '222222', '333333'].find((code) => !right.includes(code)) ?? '444444';
  }
}

/** A page as the server sends it. */
export interface Page {
  readonly status: number;
  readonly headers: Headers;
  readonly html: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look at fields of many pages
  readonly state: any;
}

/** Loads a page, or sends it a form. */
async function load(url: string, sent: Record<string, string>, fields?: Record<string, string>): Promise<Reply> {
  const type = { 'Content-Type': 'application/x-www-form-urlencoded' };
  const reply = await request(url, {
    method: fields ? 'POST' : 'GET',
    headers: { ...sent, ...(fields && type) },
    body: fields ? new URLSearchParams(fields).toString() : null,
  });
  const headers = new Headers();
  for (const [name, value] of Object.entries(reply.headers))
    for (const one of [value ?? []].flat()) headers.append(name, one);
  const html = await reply.body.text();
  const [, data = '{}'] = /<script id="__NEXT_DATA__"[^>]*>([^<]*)<\/script>/.exec(html) ?? [];
  const { props } = JSON.parse(data) as { props?: { pageProps: object } };
  return { status: reply.statusCode, headers, body: { html, state: props?.pageProps ?? {} } };
}

/** A person in a browser, with the browser's cookies. */
export class Owner {
  readonly number: string;
  readonly address: string;
  readonly #deployment: Deployment;
  readonly #cookies = new Map<string, string>();

  constructor(deployment: Deployment, number: string, address = newAddress()) {
    this.#deployment = deployment;
    this.number = number;
    this.address = address;
  }

  /** A cookie's value; undefined if the browser has none. */
  cookie(name: string): string | undefined {
    return this.#cookies.get(`__Host-${name}`);
  }

  get headers(): Record<string, string> {
    const cookie = [...this.#cookies].map((pair) => pair.join('=')).join('; ');
    return { 'sec-fetch-site': 'same-origin', 'x-forwarded-for': this.address, ...(cookie && { cookie }) };
  }

  /** The same person in another browser, at another address. */
  elsewhere(): Owner {
    return new Owner(this.#deployment, this.number);
  }

  /** Another tab of the browser, which keeps the cookies of this moment. */
  inAnotherTab(): Owner {
    const tab = new Owner(this.#deployment, this.number, this.address);
    for (const [name, value] of this.#cookies) tab.#cookies.set(name, value);
    return tab;
  }

  #keep(reply: Reply): Reply {
    for (const line of reply.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '') this.#cookies.delete(name);
      else this.#cookies.set(name, value);
    }
    return reply;
  }

  async post(path: string, body: object = {}): Promise<Reply> {
    return this.#keep(await this.#deployment.ask((app) => app.post(path, body, this.headers)));
  }

  async form(path: string, fields: Record<string, string> = {}): Promise<Reply> {
    return this.#keep(await this.#deployment.ask((app) => app.form(path, fields, this.headers)));
  }

  async get(path: string): Promise<Reply> {
    return this.#keep(await this.#deployment.ask((app) => app.get(path, this.headers)));
  }

  /** Loads a page, or sends it a form, like a browser without script. */
  async page(path: string, fields?: Record<string, string>): Promise<Page> {
    const reply = await this.#deployment.ask((app) => load(app.url + path, this.headers, fields));
    this.#keep(reply);
    const { status, headers, body } = reply;
    return { status, headers, html: body.html, state: body.state };
  }

  async remove(id: string): Promise<Reply> {
    const init = { method: 'DELETE', headers: this.headers };
    return this.#keep(await this.#deployment.ask((app) => app.request(`/api/factors/${id}`, init)));
  }

  /** Gets a code by phone and enters it. */
  async verifyByPhone(): Promise<Reply> {
    const { simulator } = this.#deployment;
    const sent = await this.post('/api/send-otp', { phoneNumber: this.number });
    if (sent.status !== 200) return sent;
    await simulator.advance(1000);
    return this.post('/api/verify-otp', { pin: await simulator.pinFor(this.number) });
  }

  verifyByApp(code: string): Promise<Reply> {
    return this.post('/api/totp/verify', { phoneNumber: this.number, code });
  }

  verifyByRecoveryCode(code = ''): Promise<Reply> {
    return this.post('/api/recovery-codes/verify', { phoneNumber: this.number, code });
  }

  /** Adds an authenticator app in the current session. */
  async addApp(clock: Clock): Promise<Enrolled> {
    const begun = expectStatus(200, await this.post('/api/totp/enrol'));
    const app = new AuthenticatorApp(begun.body.secret, clock);
    const { body } = expectStatus(201, await this.post('/api/totp/confirm', { code: await app.next() }));
    return { app, id: body.factor.id, recoveryCodes: body.recoveryCodes };
  }

  session(): Promise<Reply> {
    return this.get('/api/session');
  }

  factors(): Promise<Reply> {
    return this.get('/api/factors');
  }
}

export interface Enrolled {
  readonly app: AuthenticatorApp;
  readonly id: string;
  /** Undefined if the person has some already. */
  readonly recoveryCodes: readonly string[];
}

/** Fails, and shows the reply, if the status is another one. */
export function expectStatus(status: number, reply: Reply): Reply {
  if (reply.status !== status) throw new Error(`${reply.status} ${JSON.stringify(reply.body)} instead of ${status}`);
  return reply;
}

/** The status and the error code of a reply. */
export const outcomeOf = ({ status, body }: Reply): string => [status, body.code].filter(Boolean).join(' ');

/** A person who has verified a number with a code, and then added an authenticator app. */
export async function withApp(
  deployment: Deployment,
  clock: Clock,
  number: string,
): Promise<Enrolled & { owner: Owner }> {
  const owner = new Owner(deployment, number);
  expectStatus(200, await owner.verifyByPhone());
  return { owner, ...(await owner.addApp(clock)) };
}
