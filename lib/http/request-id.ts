import { randomUUID } from 'node:crypto';

/** Must contain a letter, because digits alone could be a phone number. */
const WELL_FORMED = /^(?=.*[A-Za-z])[A-Za-z0-9-]{8,64}$/;

/** The caller's `X-Request-Id` if it is well-formed, because it ends up in logs; otherwise a new one. */
export const requestId = (header: string | string[] | undefined): string =>
  typeof header === 'string' && WELL_FORMED.test(header) ? header : randomUUID();
