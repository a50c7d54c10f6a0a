import type { IncomingMessage } from 'node:http';
import type { Config } from '@/lib/config/config';
import type { Caller } from '@/lib/verification/caller';
import { clientAddress, isFromUnknownProxy } from './client-address';
import { readCookie } from './cookies';
import { isBrowser } from './guards/same-origin';
import type { Services } from './route';

export function callerOf(request: IncomingMessage, config: Config): Caller {
  const { address, site, network } = clientAddress(request, config);
  return {
    address,
    site,
    network,
    verificationToken: readCookie(request, config, 'verification'),
    startMark: readCookie(request, config, 'started-here'),
    sessionToken: readCookie(request, config, 'phone-session'),
    factorToken: config.factors && readCookie(request, config, 'factor-used'),
    isProgram: !isBrowser(request.headers),
    deviceCookie: readCookie(request, config, 'device'),
  };
}

/** The caller of a request whose body names a verification: the body wins over the cookie. */
export const withPinId = (caller: Caller, pinId: string | undefined): Caller =>
  pinId === undefined ? caller : { ...caller, verificationToken: pinId };

/**
 * The caller with the tokens of its session and its ceremony: a program's are in the body, a browser's in cookies. A
 * program's cookies do not count, because it may keep one set of them for all its users. The code of one user would
 * then complete what another user has begun.
 */
export const withTokens = (
  caller: Caller,
  { session, ceremony }: { readonly session?: string | undefined; readonly ceremony?: string | undefined },
): Caller => (caller.isProgram && !caller.login ? { ...caller, sessionToken: session, factorToken: ceremony } : caller);

/** The remedy, by the variable that does not fit the request. */
const REMEDIES = {
  TRUSTED_PROXY_HOPS:
    "X-Forwarded-For arrives, but TRUSTED_PROXY_HOPS is 0. If this server is behind proxies, set it to their number: until then, the limits apply to the proxy's address. Without a proxy, a client made the header up: leave it at 0.",
  TRUSTED_PROXIES:
    "X-Forwarded-For arrives from an address that is not in TRUSTED_PROXIES. If one of your proxies sent it, add its address: until then, the limits apply to the proxy's address. If not, a client reached this server without passing the proxy.",
};

/** Reports, once, that an unknown proxy sends `X-Forwarded-For`: all clients behind it look like one. */
export function warnOfUnknownProxy(request: IncomingMessage, { config, report, warnings }: Services): void {
  const variable = config.trustedProxies.length > 0 ? 'TRUSTED_PROXIES' : 'TRUSTED_PROXY_HOPS';
  if (warnings.has(variable) || !isFromUnknownProxy(request, config)) return;
  warnings.add(variable);
  report('config.unexpected_forwarded_for', { remedy: REMEDIES[variable] });
}
