import { AppError } from '@/lib/errors';
import { setCookie } from './cookies';
import { isBrowser } from './guards/same-origin';
import type { RouteCall } from './route';

/**
 * Runs a verification with a factor. If a code is due as well, the client gets the token with which that code completes
 * the verification: a browser in a cookie, a program in the body.
 */
export async function keepingFactor<Result>(
  { request, response, login, services: { config } }: RouteCall,
  verify: () => Promise<Result>,
): Promise<Result> {
  try {
    return await verify();
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'NUMBER_STALE') throw error;
    const { ceremony = '', ...details } = error.details;
    if (!isBrowser(request.headers)) throw error;
    setCookie(response, config, 'factor-used', ceremony, login?.uid);
    throw new AppError('NUMBER_STALE', details);
  }
}
