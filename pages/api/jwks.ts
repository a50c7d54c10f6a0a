import { floodShield } from '@/lib/http/guards/flood-shield';
import { methods } from '@/lib/http/guards/methods';
import { sameOrigin } from '@/lib/http/guards/same-origin';
import { route } from '@/lib/http/route';
import { getServices } from '@/lib/services';

export const config = { api: { bodyParser: false } };

/** The public keys of the proofs, also at `/.well-known/jwks.json`. */
export default route({
  path: '/api/jwks',
  services: getServices,
  guards: [sameOrigin, floodShield, methods('GET')],
  handle({ services, response }) {
    response.setHeader('Cache-Control', 'public, max-age=300');
    return services.proofs.publicKeys();
  },
});
