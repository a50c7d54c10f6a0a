import type { Message } from '@/simulator/messages';
import type { RecordedRequest } from '@/simulator/request-log';
import { SEED } from '@/simulator/seed';
import { type Simulator, startSimulator } from '@/simulator/simulator';

/** An ordinary number, digits only. */
export const NUMBER = '14155552671';

/** Fields that tests read from replies. Each test asserts which of them a reply really has. */
interface ReplyFields {
  pinId: string;
  ncStatus: string;
  smsStatus: string;
  externalMessageId: string;
  verified: boolean;
  attemptsRemaining: number;
  pinError: string;
  applicationId: string;
  messageId: string;
  requestError: { serviceException: { validationErrors: Record<string, string[]> } };
  /** A reply from a control endpoint. */
  now: string;
  error: string;
}

export interface Answer<Body = ReplyFields> {
  status: number;
  headers: Headers;
  /** The parsed body if it is JSON, otherwise its text. */
  body: Body;
}

interface CallOptions {
  method?: string;
  /** The body to send: as JSON, or unchanged if it is a string. */
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

/** Starts a simulator for a test file, with a fresh seed before each test. The functions talk to it over HTTP. */
export function useSimulator() {
  let simulator: Simulator;
  beforeAll(async () => {
    simulator = await startSimulator({ port: 0 });
  });
  beforeEach(() => call('/control/reset', { method: 'POST' }));
  afterAll(() => simulator.close());

  /** Any request, with the seeded key. The method is POST with a body and GET without, unless given. */
  async function call<Body = ReplyFields>(
    path: string,
    { method, body, headers, signal }: CallOptions = {},
  ): Promise<Answer<Body>> {
    const response = await fetch(simulator.url + path, {
      method: method ?? (body === undefined ? 'GET' : 'POST'),
      headers: {
        authorization: `App ${SEED.apiKey}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      redirect: 'manual',
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      ...(signal && { signal }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') && text !== '';
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
  }

  const client = {
    call,
    url: () => simulator.url,
    sendRequest: (fields: Record<string, unknown> = {}) => ({
      applicationId: SEED.applicationId,
      messageId: SEED.smsMessageId,
      to: NUMBER,
      ...fields,
    }),
    send: (fields: Record<string, unknown> = {}) => call('/2fa/2/pin', { body: client.sendRequest(fields) }),
    /** Sends, and returns the PIN with its id. */
    sendPin: async (fields: Record<string, unknown> = {}): Promise<{ pinId: string; pin: string }> => {
      const { body } = await client.send(fields);
      return { pinId: body.pinId, pin: (await client.lastMessage()).pin };
    },
    verify: (pinId: string, pin: string) => call(`/2fa/2/pin/${pinId}/verify`, { body: { pin } }),
    /** The newest message, which must exist. */
    lastMessage: async (): Promise<Message> => {
      const message = (await client.messages()).at(-1);
      if (!message) throw new Error('The inbox is empty');
      return message;
    },
    messages: async (query = ''): Promise<Message[]> => (await call<Message[]>(`/inbox/messages${query}`)).body,
    requests: async () => (await call<RecordedRequest[]>('/control/requests')).body,
    advance: (advanceMs: number) => call('/control/clock', { body: { advanceMs } }),
    planFault: (fault: object, rest: object = {}) =>
      call('/control/faults', { body: { operation: 'any', fault, ...rest } }),
    /** Changes the seeded application's configuration. */
    configure: (configuration: object) =>
      call(`/2fa/2/applications/${SEED.applicationId}`, { method: 'PUT', body: { name: 'Seeded', configuration } }),
  };
  return client;
}

/** Another PIN of the same length. */
export function wrong(pin: string): string {
  return pin.startsWith('1') ? `2${pin.slice(1)}` : `1${pin.slice(1)}`;
}

/** The document's error envelope. */
export function envelope(messageId: string): object {
  return { requestError: { serviceException: expect.objectContaining({ messageId, text: expect.any(String) }) } };
}
