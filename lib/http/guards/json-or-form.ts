import type { z } from 'zod';
import type { ProblemPlace } from '@/lib/contract';
import { readBody } from '@/lib/http/body';
import { formRepresentation, isFormPost } from '@/lib/http/form';
import type { Guard } from '@/lib/http/route';

/**
 * Reads the body: JSON, or a form that the page submitted without script. The reply to a form is a redirect. List this
 * guard after `sameOrigin`, so that our page never shows the outcome of another site's form. Refuses with
 * UNSUPPORTED_MEDIA_TYPE, BODY_TOO_LARGE, REQUEST_TIMEOUT or INVALID_REQUEST.
 * @param place where a page shows a problem with the form
 * @param next the page that shows a success, if it is another one
 */
export function jsonOrForm<Body>(schema: z.ZodType<Body>, place: ProblemPlace, next?: string): Guard<Body> {
  const form = formRepresentation(place, next);
  return async (call) => {
    if (isFormPost(call.request.headers)) call.representation = form;
    call.body = await readBody(call.request, schema, call.representation);
  };
}
