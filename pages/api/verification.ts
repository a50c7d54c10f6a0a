import { AppError } from '@/lib/errors';
import { identifyProgram, requireKey } from '@/lib/http/guards/api-key';
import { floodShield } from '@/lib/http/guards/flood-shield';
import { login } from '@/lib/http/guards/login';
import { methods } from '@/lib/http/guards/methods';
import { sameOrigin } from '@/lib/http/guards/same-origin';
import { route } from '@/lib/http/route';
import { pendingVerification } from '@/lib/methods/phone/pending-verification';
import { getServices } from '@/lib/services';

export const config = { api: { bodyParser: false } };

/** The state of this browser's verification. Sends nothing. */
export default route({
  path: '/api/verification',
  services: getServices,
  guards: [sameOrigin, identifyProgram, floodShield, methods('GET'), requireKey, login],
  async handle({ services, caller, log }) {
    const pending = await log.store(pendingVerification(services, caller));
    if (!pending) throw new AppError('NO_VERIFICATION');
    return pending;
  },
});
