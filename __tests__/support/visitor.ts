import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Reply, TestApp } from './app';
import { type Algorithm, Authenticator, type Credential, type Wrongs } from './authenticator';
import type { TestSimulator } from './simulator';

/** The page that passkeys belong to. */
export const ORIGIN = 'https://verify.example';
export const RP_ID = 'verify.example';

/** Folders with a database, which end with the tests. */
const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** Variables that switch other factors on, with a database of its own. */
export function withFactors(): { APP_ORIGIN: string; DATA_DIR: string } {
  const folder = mkdtempSync(path.join(tmpdir(), 'factors-'));
  folders.push(folder);
  return { APP_ORIGIN: ORIGIN, DATA_DIR: folder };
}

/** Where the requests go. */
export interface Place {
  readonly app: TestApp;
  readonly simulator: TestSimulator;
}

/** A client of the API with a passkey: a program, which keeps tokens, or a browser, which keeps cookies. */
export abstract class Visitor {
  readonly place: Place;
  readonly authenticator: Authenticator;

  constructor(place: Place, authenticator = new Authenticator({ origin: ORIGIN })) {
    this.place = place;
    this.authenticator = authenticator;
  }

  /** Sends JSON, with what the client keeps. */
  abstract post(path: string, body?: object): Promise<Reply>;

  abstract get(path: string): Promise<Reply>;

  abstract delete(path: string): Promise<Reply>;

  /** Verifies a number with a code. */
  async verifyByCode(number: string): Promise<Reply> {
    const sent = await this.post('/api/send-otp', { phoneNumber: number });
    if (sent.status !== 200) return sent;
    await this.place.simulator.advance(1000);
    return this.post('/api/verify-otp', { pin: await this.place.simulator.pinFor(number) });
  }

  enrollOptions(): Promise<Reply> {
    return this.post('/api/passkeys/enrol-options');
  }

  /** Ends an enrollment that has begun. */
  endEnrollment(credential: Credential, more: object = {}): Promise<Reply> {
    return this.post('/api/passkeys/enrol', { credential, ...more });
  }

  /** Adds a passkey to the number of the session. */
  async enroll(wrongs: Wrongs = {}, algorithm?: Algorithm): Promise<Reply> {
    const begun = await this.enrollOptions();
    if (begun.status !== 200) return begun;
    return this.endEnrollment(this.authenticator.create(begun.body.publicKey, wrongs, algorithm));
  }

  verifyOptions(query = ''): Promise<Reply> {
    return this.post(`/api/passkeys/verify-options${query}`);
  }

  /** Ends a verification that has begun. */
  endVerification(credential: Credential, more: object = {}, query = ''): Promise<Reply> {
    return this.post(`/api/passkeys/verify${query}`, { credential, ...more });
  }

  /** Verifies a number with its passkey. */
  async verifyByPasskey(wrongs: Wrongs = {}, query = ''): Promise<Reply> {
    const { body } = await this.verifyOptions(query);
    return this.endVerification(this.authenticator.get(body.publicKey, wrongs), {}, query);
  }

  /** Verifies a number with a code, and adds a passkey to it. Throws if that fails. */
  async becomeOwner(number: string): Promise<this> {
    for (const reply of [await this.verifyByCode(number), await this.enroll()])
      if (reply.status >= 300) throw new Error(`${reply.status} ${JSON.stringify(reply.body)}`);
    return this;
  }
}

/** Routes that take a session in the body, and those that take a ceremony. */
const TAKES_SESSION = /^\/api\/(passkeys\/(enrol|enrol-options|verify)|factors\/reset|verify-otp)$/;
const TAKES_CEREMONY = /^\/api\/(passkeys\/(enrol|verify)|verify-otp)$/;

/** A program without cookies. */
export class Program extends Visitor {
  session: string | undefined;
  ceremony: string | undefined;
  #pinId: string | undefined;
  readonly headers: Record<string, string>;

  constructor(place: Place, authenticator?: Authenticator, headers: Record<string, string> = {}) {
    super(place, authenticator);
    this.headers = headers;
  }

  async post(path: string, body: object = {}): Promise<Reply> {
    const { session, ceremony } = this;
    const tokens = {
      ...(session !== undefined && TAKES_SESSION.test(path) && { session }),
      ...(ceremony !== undefined && TAKES_CEREMONY.test(path) && { ceremony }),
      ...(path === '/api/verify-otp' && { pinId: this.#pinId }),
    };
    const reply = await this.place.app.post(path, { ...tokens, ...body }, this.headers);
    if (reply.body.pinId !== undefined) this.#pinId = reply.body.pinId;
    if (reply.body.session !== undefined) this.session = reply.body.session;
    if (reply.body.ceremony !== undefined) this.ceremony = reply.body.ceremony;
    return reply;
  }

  get(path: string): Promise<Reply> {
    return this.place.app.get(path, this.#withSession);
  }

  async delete(path: string): Promise<Reply> {
    const reply = await this.place.app.request(path, { method: 'DELETE', headers: this.#withSession });
    this.session = reply.headers.get('Phone-Session') ?? this.session;
    return reply;
  }

  get #withSession(): Record<string, string> {
    const { session } = this;
    return { ...this.headers, ...(session !== undefined && { 'Phone-Session': session }) };
  }
}

/** A browser on the page. */
export class PageVisitor extends Visitor {
  readonly cookies = new Map<string, string>();

  get #headers(): Record<string, string> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    return { origin: ORIGIN, 'sec-fetch-site': 'same-origin', ...(cookie !== '' && { cookie }) };
  }

  async post(path: string, body: object = {}): Promise<Reply> {
    return this.#keep(await this.place.app.post(path, body, this.#headers));
  }

  async get(path: string): Promise<Reply> {
    return this.#keep(await this.place.app.get(path, this.#headers));
  }

  async delete(path: string): Promise<Reply> {
    return this.#keep(await this.place.app.request(path, { method: 'DELETE', headers: this.#headers }));
  }

  #keep(reply: Reply): Reply {
    for (const line of reply.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '') this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return reply;
  }
}

/** Status and code of a reply. */
export const outcome = ({ status, body }: Reply): string => [status, body.code].filter(Boolean).join(' ');
