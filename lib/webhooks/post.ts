import { Webhook } from 'standardwebhooks';
import { Pool } from 'undici';
import type { Due } from './queue';

/** Where events go, and the secrets that sign them, in the form `whsec_…`. */
export interface Receiver {
  readonly url: string;
  /** All of them sign, so a receiver needs to know only one. */
  readonly secrets: readonly string[];
}

/** The result of one attempt. `gone`: the receiver no longer wants such requests. */
export type Posted =
  | { readonly kind: 'delivered' | 'gone'; readonly status: number }
  | { readonly kind: 'refused'; readonly status: number; readonly retryAfterMs: number | undefined }
  /** `fault`: a system or TLS error code. */
  | { readonly kind: 'timeout' | 'unreachable'; readonly fault: string };

export type Post = (event: Pick<Due, 'id' | 'payload'>) => Promise<Posted>;

/** Standard Webhooks recommends 15 to 30 seconds. */
const TIMEOUT_MS = 15_000;
/** Nobody reads the response body. If it is longer than this, the connection closes. */
const MAX_BODY_BYTES = 1024;
const KEEP_ALIVE_MS = 30_000;

/** `Retry-After` is a number of seconds or a date (RFC 9110, §10.2.3). */
function retryAfterMs(header: string | string[] | undefined): number | undefined {
  const text = String(header ?? '');
  const ms = /^\d{1,9}$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

/** Errors may name hosts and addresses; their codes don't. */
function faultOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return /^[A-Z][A-Z0-9_]+$/.test(code) ? code : 'unknown';
}

/** Signs according to Standard Webhooks ({@link https://www.standardwebhooks.com}), with the time of the attempt. */
function createSigner(secrets: readonly string[]) {
  const webhooks = secrets.map((secret) => new Webhook(secret));
  return (id: string, payload: string): Record<string, string> => {
    const now = new Date();
    return {
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
      'webhook-signature': webhooks.map((webhook) => webhook.sign(id, now, payload)).join(' '),
    };
  };
}

/**
 * Creates the function that posts events to a receiver: one attempt per call, with a deadline for the whole attempt. It
 * never throws, and follows no redirects, because they could lead to a server that the operator did not choose.
 * @param connections the most connections at a time
 */
export function createPost({ url, secrets }: Receiver, connections: number, timeoutMs = TIMEOUT_MS): Post {
  const { origin, pathname, search } = new URL(url);
  const pool = new Pool(origin, { connections, keepAliveTimeout: KEEP_ALIVE_MS, connect: { timeout: timeoutMs } });
  const sign = createSigner(secrets);

  return async ({ id, payload }) => {
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      const { statusCode, headers, body } = await pool.request({
        path: pathname + search,
        method: 'POST',
        headers: { 'content-type': 'application/json', 'user-agent': 'phone-verification', ...sign(id, payload) },
        body: payload,
        signal,
      });
      // The status counts, whatever happens to the body.
      await body.dump({ limit: MAX_BODY_BYTES, signal }).catch(() => undefined);
      if (statusCode >= 200 && statusCode < 300) return { kind: 'delivered', status: statusCode };
      if (statusCode === 410) return { kind: 'gone', status: statusCode };
      return { kind: 'refused', status: statusCode, retryAfterMs: retryAfterMs(headers['retry-after']) };
    } catch (error) {
      if (signal.aborted) return { kind: 'timeout', fault: 'TIMEOUT' };
      return { kind: 'unreachable', fault: faultOf(error) };
    }
  };
}
