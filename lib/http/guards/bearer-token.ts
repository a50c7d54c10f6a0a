import { createHash, timingSafeEqual } from 'node:crypto';
import type { NextApiRequest, NextApiResponse } from 'next';
import { AppError } from '@/lib/errors';

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** The token of an `Authorization` header (RFC 6750, §2.1); the scheme may be in any case (RFC 9110, §11.1). */
const tokenIn = (header: string | undefined): string => /^bearer +(\S+)$/i.exec(header ?? '')?.[1] ?? '';

/**
 * Lets in who has the token. How long that takes tells nothing of it.
 * @param token undefined lets nobody in
 * @throws {AppError} UNAUTHORIZED, after setting `WWW-Authenticate`
 */
export function requireToken(request: NextApiRequest, response: NextApiResponse, token: string | undefined): void {
  const given = digest(tokenIn(request.headers.authorization));
  if (token !== undefined && timingSafeEqual(given, digest(token))) return;
  response.setHeader('WWW-Authenticate', 'Bearer');
  throw new AppError('UNAUTHORIZED');
}
