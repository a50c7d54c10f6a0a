import { floodShield } from '@/lib/http/guards/flood-shield';
import { methods } from '@/lib/http/guards/methods';
import { sameOrigin } from '@/lib/http/guards/same-origin';
import { createPageStateHandler } from '@/lib/http/page-state';
import { route } from '@/lib/http/route';
import { getServices } from '@/lib/services';

export const config = { api: { bodyParser: false } };

/** Gives pages of other apps the data that they need when they load. Sends no message. */
export default route({
  path: '/api/page-state',
  services: getServices,
  guards: [sameOrigin, floodShield, methods('GET')],
  handle: createPageStateHandler(),
});
