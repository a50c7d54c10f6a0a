import { floodShield } from '@/lib/http/guards/flood-shield';
import { methods } from '@/lib/http/guards/methods';
import { sameOrigin } from '@/lib/http/guards/same-origin';
import { route } from '@/lib/http/route';
import { getServices } from '@/lib/services';

export const config = { api: { bodyParser: false } };

/** Shows that the process responds; checks nothing else. */
export default route({
  path: '/api/health',
  services: getServices,
  isProbe: true,
  guards: [sameOrigin, floodShield, methods('GET')],
  handle: () => ({ status: 'ok' }),
});
