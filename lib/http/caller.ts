import type { IncomingMessage } from 'node:http';
import type { Config } from '@/lib/config/config';
import type { Caller } from '@/lib/verification/caller';
import { clientAddress } from './client-address';
import { readCookie } from './cookies';

export function callerOf(request: IncomingMessage, config: Config): Caller {
  const { address, network } = clientAddress(request, config);
  return {
    address,
    network,
    verificationToken: readCookie(request, config, 'verification'),
    sessionToken: readCookie(request, config, 'phone-session'),
    deviceCookie: readCookie(request, config, 'device'),
  };
}

/** The caller whose body names a verification: that wins over the cookie. */
export const withPinId = (caller: Caller, pinId: string | undefined): Caller =>
  pinId === undefined ? caller : { ...caller, verificationToken: pinId };
