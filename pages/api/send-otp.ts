import { readVerificationCookie, setVerificationCookie } from '@/lib/http/cookies';
import { isBrowser } from '@/lib/http/origin';
import { route } from '@/lib/http/route';
import { sendRequest } from '@/lib/schemas';
import { getServices } from '@/lib/services';
import { sendCode } from '@/lib/verification/send-code';

export const config = { api: { bodyParser: false } };

export default route({
  method: 'POST',
  body: sendRequest,
  services: getServices,
  async handle({ services, request, response, body, address, note }) {
    const previousId = readVerificationCookie(request, services.config);
    const { verificationId, country, reply } = await sendCode(services, body, { address, previousId });
    note({ channel: reply.channel, country });
    setVerificationCookie(response, services.config, verificationId);
    return isBrowser(request.headers) ? reply : { ...reply, pinId: verificationId };
  },
});
