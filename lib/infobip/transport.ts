import { setTimeout as sleep } from 'node:timers/promises';
import { buildConnector, type Dispatcher, Pool } from 'undici';
import { type Fault, TransportError } from './faults';

/** Infobip's replies have a few hundred bytes. Anything larger than this does not come from Infobip. */
const MAX_REPLY_BYTES = 1024 * 1024;
const CONNECT_TIMEOUT_MS = 10_000;
const KEEP_ALIVE_MS = 30_000;

/** How often to repeat a request whose connection was never made. */
const MAX_REPEATS = 2;
/** Wait before the first repeat; twice that before the second. */
const BACKOFF_MS = 100;

/** Faults that certainly happened before anything was written, and that may be temporary. */
const UNCONNECTED: ReadonlySet<Fault> = new Set<Fault>(['refused', 'dns', 'connect-timeout']);

const FAULT_BY_CODE: Readonly<Record<string, Fault>> = {
  ENOTFOUND: 'dns',
  EAI_AGAIN: 'dns',
  UND_ERR_CONNECT_TIMEOUT: 'connect-timeout',
  ETIMEDOUT: 'connect-timeout',
  ECONNREFUSED: 'refused',
  EHOSTUNREACH: 'refused',
  ENETUNREACH: 'refused',
  EADDRNOTAVAIL: 'refused',
};

const codeOf = (error: unknown): string | undefined => {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
};

/** Errors while connecting: the request was never written. Any unknown socket error comes from the TLS handshake. */
function connectFault(error: Error): TransportError {
  const code = codeOf(error);
  return new TransportError(FAULT_BY_CODE[code ?? ''] ?? 'tls', { written: false, code });
}

/** One call in flight, with its repeats. */
interface Flight {
  readonly path: string;
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly body: string | null;
  /** Whether the request went onto a connection, so that Infobip may have carried it out. */
  written: boolean;
  /** Whether the call's deadline has passed. */
  late: boolean;
  /** Ends the request that is on a connection. */
  abort: (() => void) | undefined;
}

/** A reply of any status, in the form that the SDK passes on. */
export interface Reply {
  readonly status: number;
  /** Undefined if the body is not JSON. */
  readonly data: unknown;
  readonly headers: Dispatcher.ResponseData['headers'];
}

/** The SDK makes its requests with this. A call throws a TransportError if no reply comes. */
export interface SdkHttp {
  get(path: string): Promise<Reply>;
  post(path: string, body: object): Promise<Reply>;
  put(path: string, body: object): Promise<Reply>;
}

/** Errors after connecting. */
function exchangeFault(error: unknown, { late, written }: Flight): TransportError {
  if (error instanceof TransportError) return error;
  if (late) return new TransportError('deadline', { written });
  const code = codeOf(error);
  return new TransportError(code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE' ? 'too-large' : 'reset', { written, code });
}

const isUnconnected = (error: unknown): boolean => error instanceof TransportError && UNCONNECTED.has(error.fault);

/** Gives the connector's own errors a name. After any of them, the request never left. */
function connector(timeout: number): buildConnector.connector {
  const connect = buildConnector({ timeout });
  return (options, callback) =>
    connect(options, (...[error, socket]) => {
      if (error) callback(connectFault(error), null);
      else callback(null, socket);
    });
}

/** Infobip's API documents the path without a trailing slash, but the SDK adds one when it sends. */
const documentPath = (path: string): string => path.replace(/\/(?=\?|$)/, '');

/** Skips a byte order mark. */
const utf8 = new TextDecoder();

function parseJson(chunks: readonly Buffer[]): unknown {
  try {
    return JSON.parse(utf8.decode(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks))) as unknown;
  } catch {
    return undefined;
  }
}

/**
 * Puts a request on a connection, and reads its whole reply. Uses undici's events, because its streams cost twice the
 * CPU time.
 */
function exchange(pool: Pool, flight: Flight, headers: Record<string, string>): Promise<Reply> {
  const { path, method, body } = flight;
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let status = 0;
    let replyHeaders: Reply['headers'] = {};
    const fail = (error: unknown) => reject(exchangeFault(error, flight));
    pool.dispatch(
      { path, method, headers, body },
      {
        onRequestStart(controller) {
          const abort = () => controller.abort(new TransportError('deadline', { written: flight.written }));
          if (flight.late) return abort();
          flight.written = true;
          flight.abort = abort;
        },
        // Informational responses (RFC 9110, §15.2) come first; the last response counts.
        onResponseStart(_, statusCode, received) {
          status = statusCode;
          replyHeaders = received;
        },
        onResponseData: (_, chunk) => void chunks.push(chunk),
        onResponseEnd: () => resolve({ status, data: parseJson(chunks), headers: replyHeaders }),
        onResponseError: (_, error) => fail(error),
      },
    );
  });
}

/**
 * The SDK's HTTP, on undici's pool: keep-alive, one deadline over connecting, headers and the last byte, no redirects,
 * bounded replies, JSON parsed once. It returns replies of any status.
 *
 * It repeats a request only if its connection was never made.
 * @param baseUrl origin of Infobip's API
 * @param authorization value of the header
 * @param timeoutMs deadline over a whole call, repeats included
 */
export function createTransport(baseUrl: string, authorization: string, timeoutMs: number): SdkHttp {
  const pool = new Pool(baseUrl, {
    connect: connector(Math.min(CONNECT_TIMEOUT_MS, timeoutMs)),
    keepAliveTimeout: KEEP_ALIVE_MS,
    maxResponseSize: MAX_REPLY_BYTES,
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  const headers = { Accept: 'application/json', 'Content-Type': 'application/json', Authorization: authorization };

  async function withRepeats(flight: Flight): Promise<Reply> {
    for (let repeat = 0; ; repeat += 1) {
      try {
        return await exchange(pool, flight, headers);
      } catch (error) {
        if (repeat === MAX_REPEATS || flight.late || !isUnconnected(error)) throw error;
        await sleep(BACKOFF_MS * 2 ** repeat * (0.5 + Math.random()));
        if (flight.late) throw new TransportError('deadline', { written: false });
      }
    }
  }

  function ask(method: Flight['method'], path: string, body?: object): Promise<Reply> {
    const text = body === undefined ? null : JSON.stringify(body);
    const flight: Flight = {
      path: documentPath(path),
      method,
      body: text,
      written: false,
      late: false,
      abort: undefined,
    };
    return new Promise((resolve, reject) => {
      // Not an AbortSignal: creating one for each call costs more than the timer. The timer also ends the wait for a
      // connection.
      const timer = setTimeout(() => {
        flight.late = true;
        reject(new TransportError('deadline', { written: flight.written }));
        flight.abort?.();
      }, timeoutMs);
      withRepeats(flight)
        .then(resolve, reject)
        .finally(() => clearTimeout(timer));
    });
  }

  return {
    get: (path) => ask('GET', path),
    post: (path, body) => ask('POST', path, body),
    put: (path, body) => ask('PUT', path, body),
  };
}
