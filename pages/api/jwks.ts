import { floodShield } from '@/lib/http/guards/flood-shield';
import { methods } from '@/lib/http/guards/methods';
import { route } from '@/lib/http/route';
import { getServices } from '@/lib/services';

export const config = { api: { bodyParser: false } };

/** The public keys of the proofs, also at `/.well-known/jwks.json`. */
export default route({
  path: '/api/jwks',
  services: getServices,
  guards: [floodShield, methods('GET')],
  handle({ services, response }) {
    response.setHeader('Cache-Control', 'public, max-age=300');
    // The keys are public, and pages of other sites check tokens, too.
    response.setHeader('Access-Control-Allow-Origin', '*');
    return services.proofs.publicKeys();
  },
});
