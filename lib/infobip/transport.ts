import type { AxiosAdapter, AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import { buildConnector, Pool } from 'undici';
import { type Fault, TransportError } from './faults';
import { createResilience } from './resilience';

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

/** Errors after connecting: the request may have been carried out. */
function exchangeFault(error: unknown, deadline: AbortSignal): TransportError {
  if (error instanceof TransportError) return error;
  if (deadline.aborted) return new TransportError('deadline', { written: true });
  const code = codeOf(error);
  return new TransportError(code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE' ? 'too-large' : 'reset', { written: true, code });
}

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
 * A request is repeated only after a connection that was never made. Repeated failures open a circuit breaker.
 * @param baseUrl origin of Infobip's API
 * @param timeoutMs deadline over a whole call, repeats included
 * @throws {TransportError} on any failure but a reply; it never carries the request
 */
export function createTransport(baseUrl: string, timeoutMs: number): AxiosAdapter {
  const pool = new Pool(baseUrl, {
    connect: connector(Math.min(CONNECT_TIMEOUT_MS, timeoutMs)),
    keepAliveTimeout: KEEP_ALIVE_MS,
    maxResponseSize: MAX_REPLY_BYTES,
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  const resilience = createResilience();

  async function exchange(config: InternalAxiosRequestConfig, deadline: AbortSignal): Promise<AxiosResponse> {
    try {
      const reply = await pool.request({
        path: documentPath(config.url),
        method: (config.method ?? 'get').toUpperCase() as 'GET' | 'POST' | 'PUT',
        headers: config.headers.toJSON() as Record<string, string>,
        body: (config.data as string | undefined) ?? null,
        signal: deadline,
      });
      const text = await reply.body.text();
      return {
        data: parseJson(text),
        status: reply.statusCode,
        statusText: '',
        headers: reply.headers as AxiosResponse['headers'],
        config,
      };
    } catch (error) {
      throw exchangeFault(error, deadline);
    }
  }

  return (config) => {
    const deadline = AbortSignal.timeout(timeoutMs);
    return resilience(() => exchange(config, deadline), deadline);
  };
}
