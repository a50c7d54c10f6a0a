import type { IncomingMessage } from 'node:http';
import type { Services } from './route';

const VARIABLE = 'TRUSTED_PROXY_HOPS';

/**
 * Reports once that `X-Forwarded-For` arrives although no proxy is configured: behind such a proxy all clients look like
 * one. Next itself puts the connection's address where there was no header.
 */
export function warnOfUnknownProxy(request: IncomingMessage, { config, report, warnings }: Services): void {
  if (config.trustedProxyHops > 0 || warnings.has(VARIABLE)) return;
  if (request.headers['x-forwarded-for'] === request.socket.remoteAddress) return;
  warnings.add(VARIABLE);
  report('config.unexpected_forwarded_for', {
    remedy: `X-Forwarded-For arrives, but ${VARIABLE} is 0. Behind proxies set it to their number: limits count the proxy's address. Without a proxy a client made it up: leave it at 0.`,
  });
}
