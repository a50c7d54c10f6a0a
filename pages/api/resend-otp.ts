import { AppError } from '@/lib/errors';
import { readVerificationCookie, setVerificationCookie } from '@/lib/http/cookies';
import { isBrowser } from '@/lib/http/origin';
import { route } from '@/lib/http/route';
import { resendRequest } from '@/lib/schemas';
import { getServices } from '@/lib/services';
import { resendCode } from '@/lib/verification/resend-code';

export const config = { api: { bodyParser: false } };

export default route({
  method: 'POST',
  body: resendRequest,
  services: getServices,
  async handle({ services, request, response, body, address, note }) {
    const verificationId = body.pinId ?? readVerificationCookie(request, services.config);
    if (verificationId === undefined) throw new AppError('MISSING_PIN_ID');
    const reply = await resendCode(services, verificationId, body.channel, address);
    note({ channel: reply.channel });
    setVerificationCookie(response, services.config, verificationId);
    return isBrowser(request.headers) ? reply : { ...reply, pinId: verificationId };
  },
});
