import type { AxiosAdapter, AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import { ExponentialBackoff, handleWhen, retry } from 'cockatiel';
import { buildConnector, type Dispatcher, Pool } from 'undici';
import { type Fault, TransportError } from './faults';

/** Faults that certainly happened before anything was written, and that may pass by themselves. */
const UNCONNECTED: ReadonlySet<Fault> = new Set<Fault>(['refused', 'dns', 'connect-timeout']);

/** Repeats a call at most twice after a connection that was never made, with jittered backoff. */
const repeats = retry(
  handleWhen((error) => error instanceof TransportError && UNCONNECTED.has(error.fault)),
  { maxAttempts: 2, backoff: new ExponentialBackoff({ initialDelay: 100, maxDelay: 1000 }) },
);

/** Replies of Infobip are some hundred bytes; more than this is no reply of theirs. */
const MAX_REPLY_BYTES = 1024 * 1024;
const CONNECT_TIMEOUT_MS = 10_000;
const KEEP_ALIVE_MS = 30_000;

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

/** Errors of connecting: the request was never written. What is no known socket error is the TLS handshake. */
function connectFault(error: Error): TransportError {
  const code = codeOf(error);
  return new TransportError(FAULT_BY_CODE[code ?? ''] ?? 'tls', { written: false, code });
}

/** One call on its way, with its repeats. */
interface Flight {
  /** Whether it was put on a connection, so that Infobip may have carried it out. */
  written: boolean;
  /** Whether its deadline has passed. */
  late: boolean;
  /** Ends the request that is on a connection. */
  abort: (() => void) | undefined;
}

/** Errors of anything but connecting. */
function exchangeFault(error: unknown, { late, written }: Flight): TransportError {
  if (error instanceof TransportError) return error;
  if (late) return new TransportError('deadline', { written });
  const code = codeOf(error);
  return new TransportError(code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE' ? 'too-large' : 'reset', { written, code });
}

/** Notes when the pool puts a request on a connection. The request carries its flight as undici's `opaque`. */
const noteWritten: Dispatcher.DispatcherComposeInterceptor = (dispatch) => (options, handler) =>
  dispatch(options, {
    onRequestStart(controller, context) {
      const { opaque: flight } = options as { opaque?: Flight };
      const abort = () => controller.abort(new TransportError('deadline', { written: flight?.written ?? false }));
      if (flight?.late) return abort();
      if (flight) Object.assign(flight, { written: true, abort });
      return handler.onRequestStart?.(controller, context);
    },
    onResponseStart: (...args) => handler.onResponseStart?.(...args),
    onResponseData: (...args) => handler.onResponseData?.(...args),
    onResponseEnd: (...args) => handler.onResponseEnd?.(...args),
    onResponseError: (...args) => handler.onResponseError?.(...args),
  });

/** Names in the connector's own errors which requests never left. */
function connector(timeout: number): buildConnector.connector {
  const connect = buildConnector({ timeout });
  return (options, callback) =>
    connect(options, (...[error, socket]) => {
      if (error) callback(connectFault(error), null);
      else callback(null, socket);
    });
}

/** The document's path has no trailing slash; the SDK's has one when it sends. */
const documentPath = (url: string | undefined): string => (url ?? '/').replace(/\/(?=\?|$)/, '');

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/**
 * An axios adapter on undici's pool, for the SDK's axios instance: keep-alive, one deadline over connecting, headers and
 * the last byte, no redirects, bounded replies, JSON parsed once. Replies of any status are returned, with `undefined`
 * for a body that is no JSON.
 *
 * A request is repeated only after a connection that was never made.
 * @param baseUrl origin of Infobip's API
 * @param timeoutMs deadline over a whole call, repeats included
 * @returns the adapter, which throws a TransportError on any failure but a reply
 */
export function createTransport(baseUrl: string, timeoutMs: number): AxiosAdapter {
  const pool = new Pool(baseUrl, {
    connect: connector(Math.min(CONNECT_TIMEOUT_MS, timeoutMs)),
    keepAliveTimeout: KEEP_ALIVE_MS,
    maxResponseSize: MAX_REPLY_BYTES,
    headersTimeout: 0,
    bodyTimeout: 0,
  }).compose(noteWritten);

  async function ask(config: InternalAxiosRequestConfig, flight: Flight): Promise<AxiosResponse> {
    const reply = await pool.request({
      path: documentPath(config.url),
      method: (config.method ?? 'get').toUpperCase() as 'GET' | 'POST' | 'PUT',
      // JSON is all that is read; axios would ask for anything.
      headers: { ...(config.headers.toJSON() as Record<string, string>), Accept: 'application/json' },
      body: (config.data as string | undefined) ?? null,
      opaque: flight,
    });
    const data = parseJson(await reply.body.text());
    return {
      data,
      status: reply.statusCode,
      statusText: '',
      headers: reply.headers as AxiosResponse['headers'],
      config,
    };
  }

  async function exchange(config: InternalAxiosRequestConfig, flight: Flight): Promise<AxiosResponse> {
    try {
      if (flight.late) throw new TransportError('deadline', { written: false });
      return await ask(config, flight);
    } catch (error) {
      throw exchangeFault(error, flight);
    }
  }

  return async (config) => {
    const flight: Flight = { written: false, late: false, abort: undefined };
    let timer: NodeJS.Timeout | undefined;
    // Not an AbortSignal: making one for each call costs more than the timer. It ends the wait for a connection, too.
    const tooLate = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        flight.late = true;
        reject(new TransportError('deadline', { written: flight.written }));
        flight.abort?.();
      }, timeoutMs);
    });
    try {
      return await Promise.race([repeats.execute(() => exchange(config, flight)), tooLate]);
    } finally {
      clearTimeout(timer);
    }
  };
}
