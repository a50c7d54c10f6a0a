import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';

const HEADER = 'Content-Security-Policy';

/** 128 bits, the minimum in CSP Level 3 (§8.1). */
const NONCE_BYTES = 16;

interface PagePolicy {
  readonly development: boolean;
  /** Address of what the page may show in a frame; by default nothing. */
  readonly frame?: string | undefined;
}

function pagePolicy(nonce: string, { development, frame }: PagePolicy): string {
  return [
    "default-src 'none'",
    // React compiles stack traces with eval in development, and the error overlay brings its own styles.
    `script-src 'self' 'nonce-${nonce}'${development ? " 'unsafe-eval'" : ''}`,
    `style-src 'self'${development ? " 'unsafe-inline'" : ''}`,
    "img-src 'self'",
    ...(development ? ["font-src 'self'"] : []),
    `connect-src 'self'${development ? ' ws:' : ''}`,
    "worker-src 'self'",
    ...(frame === undefined ? [] : [`frame-src ${new URL(frame).origin}`]),
    "form-action 'self'",
    "base-uri 'none'",
    "object-src 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/**
 * Sets the policy of a page rendered for this request, in place of the one for static pages in `next.config.js`. The
 * reply must not be cached, because a nonce that is used twice protects nobody.
 * @returns the nonce for the scripts in its HTML
 */
export function setPagePolicy(response: ServerResponse, policy: PagePolicy): string {
  const nonce = randomBytes(NONCE_BYTES).toString('base64');
  response.setHeader(HEADER, pagePolicy(nonce, policy));
  return nonce;
}
