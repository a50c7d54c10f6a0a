import { createHash, timingSafeEqual } from 'node:crypto';
import type { Config } from '@/lib/config/config';
import { AppError } from '@/lib/errors';
import type { Guard } from '@/lib/http/route';

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** The token of an `Authorization` header (RFC 6750, §2.1); the scheme may be in any case (RFC 9110, §11.1). */
const tokenIn = (header: string | undefined): string => /^bearer +(\S+)$/i.exec(header ?? '')?.[1] ?? '';

/**
 * Admits requests that carry the token, in constant time. Refuses others with UNAUTHORIZED.
 * @param tokenOf returns undefined to admit nobody
 */
export const bearerToken =
  (tokenOf: (config: Config) => string | undefined): Guard =>
  ({ request, response, services: { config } }) => {
    const token = tokenOf(config);
    const given = digest(tokenIn(request.headers.authorization));
    if (token !== undefined && timingSafeEqual(given, digest(token))) return;
    response.setHeader('WWW-Authenticate', 'Bearer');
    throw new AppError('UNAUTHORIZED');
  };
