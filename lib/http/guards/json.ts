import type { z } from 'zod';
import { readBody } from '@/lib/http/body';
import type { Guard } from '@/lib/http/route';

/**
 * Reads a JSON body. List this guard after those that need no body. Refuses with UNSUPPORTED_MEDIA_TYPE,
 * BODY_TOO_LARGE, REQUEST_TIMEOUT or INVALID_REQUEST.
 * @param maxBytes 4 kB unless the route needs more
 */
export const json =
  <Body>(schema: z.ZodType<Body>, maxBytes?: number): Guard<Body> =>
  async (call) => {
    call.body = await readBody(call.request, schema, call.representation, maxBytes);
  };
