import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { makePrivacyKey, makeProofKey } from '@/lib/config/keys';
import { SEED } from '@/simulator/seed';
import { AppProcess } from './app-process';
import { expectDocumented } from './shared';

/** A reply from the app. */
export interface Reply {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests look at fields of many shapes; the document's schemas check them
  body: any;
}

/** The same keys for all instances of a test. */
const KEYS = { PRIVACY_KEY: makePrivacyKey(), PROOF_PRIVATE_JWK: JSON.stringify(makeProofKey()) };

/** Values of the four required variables and the keys in tests. */
export const testEnvironment = (infobipUrl: string): Record<string, string> => ({
  INFOBIP_BASE_URL: infobipUrl,
  INFOBIP_API_KEY: SEED.apiKey,
  INFOBIP_2FA_APP_ID: SEED.applicationId,
  INFOBIP_2FA_MESSAGE_ID: SEED.smsMessageId,
  ...KEYS,
});

/** Tests ask more often than people, and on busier machines. Tests of limits, the guard and faults set their own. */
export const NO_LIMITS = {
  FRAUD_GUARD: 'off',
  BUDGET_PER_HOUR: '1000000',
  BUDGET_PER_DAY: '1000000',
  LIMIT_SEND_GLOBAL_PER_DAY: '1000000/1d',
  LIMIT_SEND_PER_ADDRESS: '100000/1h',
  LIMIT_SEND_PER_NETWORK: '100000/1h',
  LIMIT_SEND_PER_NUMBER: '100000/1h',
  LIMIT_SEND_PER_NUMBER_AND_NETWORK: '100000/1h',
  LIMIT_VOICE_PER_NUMBER: '100000/1h',
  LIMIT_VERIFY_PER_ADDRESS: '100000/1h',
  LIMIT_VERIFY_PER_NETWORK: '100000/1h',
  LIMIT_FACTORS_PER_ADDRESS: '100000/1h',
  LIMIT_FACTORS_PER_NETWORK: '100000/1h',
  LIMIT_GUESSES_PER_NUMBER_AND_NETWORK: '100000/1h',
  LIMIT_REQUESTS_PER_ADDRESS: '1000000/1m',
  REDIS_TIMEOUT_MS: '5000',
};

const CONNECTS_WITHIN_MS = 20_000;
const LOGS_WITHIN_MS = 20_000;

/** Some tests start an app without its Redis on purpose. */
async function listens(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** The built app, running as in production, with its log. */
export class TestApp {
  readonly url: string;
  readonly #process: AppProcess;
  /** Secrets of requests and replies that no log line may contain. */
  readonly #secrets = new Set<string>([SEED.apiKey, ...Object.values(KEYS)]);

  private constructor(process: AppProcess) {
    this.url = `http://127.0.0.1:${process.port}`;
    this.#process = process;
  }

  /** Ends it at once, like a crash. */
  crash(): Promise<void> {
    return this.#process.crash();
  }

  /** @param infobipUrl the address of the simulator, or of a stand-in for it */
  static async start(infobipUrl: string, environment: Record<string, string> = {}): Promise<TestApp> {
    const all = { ...testEnvironment(infobipUrl), ...NO_LIMITS, ...environment };
    const app = new TestApp(await AppProcess.start(all));
    while (!(await app.#answers('/api/health'))) {
      if (app.#process.hasEnded) throw new Error(`The app did not start: ${app.output}`);
      await sleep(25);
    }
    if (environment.REDIS_URL && (await listens(environment.REDIS_URL))) await app.#connects();
    return app;
  }

  /** On a busy machine, the connection to Redis may take longer than the start. */
  async #connects(): Promise<void> {
    const until = Date.now() + CONNECTS_WITHIN_MS;
    while (!(await this.#answers('/api/ready')) && Date.now() < until) await sleep(25);
  }

  async #answers(path: string): Promise<boolean> {
    return fetch(this.url + path).then(
      (reply) => reply.ok,
      () => false,
    );
  }

  /** Sends JSON like curl: without a browser's headers unless given. The reply must match `docs/openapi.json`. */
  async post(path: string, body: object, headers: Record<string, string> = {}): Promise<Reply> {
    this.#remember(body);
    return this.request(path, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'Content-Type': 'application/json', ...headers },
    });
  }

  /** Sends a form like a browser without script, from a page of the app unless the headers say otherwise. */
  async form(
    path: string,
    fields: Record<string, string> | string,
    headers: Record<string, string> = { 'sec-fetch-site': 'same-origin' },
  ): Promise<Reply> {
    const body = new URLSearchParams(fields);
    this.#remember(Object.fromEntries(body));
    const type = { 'Content-Type': 'application/x-www-form-urlencoded' };
    return this.request(path, { method: 'POST', body: body.toString(), headers: { ...type, ...headers } });
  }

  async request(path: string, init: RequestInit): Promise<Reply> {
    const reply = await plainRequest(this.url + path, init);
    this.#remember(reply.body as object);
    expectDocumented(init.method ?? 'GET', path, reply);
    return reply;
  }

  send(phoneNumber: string, more: object = {}, headers: Record<string, string> = {}): Promise<Reply> {
    return this.post('/api/send-otp', { phoneNumber, ...more }, headers);
  }

  verify(pinId: string | undefined, pin: string, headers: Record<string, string> = {}): Promise<Reply> {
    return this.post('/api/verify-otp', { pin, ...(pinId !== undefined && { pinId }) }, headers);
  }

  get(path: string, headers: Record<string, string> = {}): Promise<Reply> {
    return this.request(path, { headers });
  }

  /** What Prometheus gets. */
  async metrics(token: string): Promise<{ status: number; text: string }> {
    const reply = await fetch(`${this.url}/api/metrics`, { headers: { Authorization: `Bearer ${token}` } });
    return { status: reply.status, text: await reply.text() };
  }

  resend(pinId: string | undefined, more: object = {}, headers: Record<string, string> = {}): Promise<Reply> {
    return this.post('/api/resend-otp', { ...(pinId !== undefined && { pinId }), ...more }, headers);
  }

  #remember(value: object): void {
    const { phoneNumber, pin, pinId, proof, session, ceremony } = value as Record<string, unknown>;
    const digits = typeof phoneNumber === 'string' ? phoneNumber.replace(/\D/g, '') : '';
    if (digits.length > 6) this.#secrets.add(digits);
    for (const secret of [pin, pinId, proof, session, ceremony]) {
      if (typeof secret === 'string' && secret.trim().length > 5) this.#secrets.add(secret);
    }
  }

  /** Adds secrets that no log line may contain. */
  keepOutOfLogs(...secrets: string[]): void {
    for (const secret of secrets) this.#secrets.add(secret);
  }

  /** The log line of a reply. The app writes it after the reply, so it may take a moment. */
  async logLineOf(reply: Reply): Promise<Record<string, unknown>> {
    const id = `"requestId":"${reply.headers.get('x-request-id')}"`;
    for (let waited = 0; waited < LOGS_WITHIN_MS; waited += 10) {
      const line = this.output.split('\n').find((candidate) => candidate.includes(id) && candidate.endsWith('}'));
      if (line) return JSON.parse(line) as Record<string, unknown>;
      await sleep(10);
    }
    throw new Error(`No log line with ${id}`);
  }

  /** Id of the process that serves. */
  get pid(): number {
    const { pid } = this.#process.child;
    if (pid === undefined) throw new Error('The app is not running.');
    return pid;
  }

  /** All output so far. */
  get output(): string {
    return this.#process.output;
  }

  /** Ends the app, and fails if its output contains a PIN, a key, a token, an Infobip pinId or a whole phone number. */
  async stop(): Promise<void> {
    await this.#process.stop();
    this.#expectNoSecrets();
  }

  /** Ends the process as a supervisor does, and fails in the same cases. */
  async terminate(): Promise<void> {
    await this.#process.terminate();
    this.#expectNoSecrets();
  }

  #expectNoSecrets(): void {
    // Digits of ids, times and limits could look like a PIN.
    const text = this.output.replace(/"(requestId|time|commit)":"[^"]*"|"limits":\{[^}]*\}/g, '');
    const leaked = [...this.#secrets].filter((secret) => text.includes(secret));
    if (leaked.length > 0) throw new Error(`The log contains secrets: ${leaked.join(', ')}`);
  }
}

/**
 * A request with exactly the given headers: global fetch adds some that only browsers send. Each has its own connection,
 * because an app closes an idle one just when the next request may use it.
 */
async function plainRequest(url: string, { method = 'GET', headers, body }: RequestInit): Promise<Reply> {
  const sent = request(url, { method, agent: false, headers: headers as Record<string, string> });
  if (body) sent.setHeader('Content-Length', Buffer.byteLength(body as string | Buffer));
  sent.end(body);
  const [reply] = (await once(sent, 'response')) as [IncomingMessage];
  const received = new Headers();
  for (const [name, values = []] of Object.entries(reply.headersDistinct))
    for (const value of values) received.append(name, value);
  const json = await text(reply);
  return { status: reply.statusCode ?? 0, headers: received, body: json === '' ? {} : (JSON.parse(json) as unknown) };
}

/** A cookie from a reply, in the form in which a request sends it back; empty if the reply sets none. */
export const cookieOf = (reply: Reply, name = 'verification'): string =>
  reply.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0] ?? '')
    .find((pair) => pair.startsWith(`${name}=`)) ?? '';
