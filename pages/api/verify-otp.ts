import { clearVerificationCookie, readVerificationCookie } from '@/lib/http/cookies';
import { route } from '@/lib/http/route';
import { verifyRequest } from '@/lib/schemas';
import { getServices } from '@/lib/services';
import { verifyCode } from '@/lib/verification/verify-code';

export const config = { api: { bodyParser: false } };

export default route({
  method: 'POST',
  body: verifyRequest,
  services: getServices,
  errorFields: { verified: false },
  async handle({ services, request, response, body, address }) {
    const verificationId = body.pinId ?? readVerificationCookie(request, services.config);
    const reply = await verifyCode(services, verificationId, body.pin, address);
    clearVerificationCookie(response, services.config);
    return reply;
  },
});
