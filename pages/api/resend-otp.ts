import { setCookie } from '@/lib/http/cookies';
import { isBrowser } from '@/lib/http/guards/same-origin';
import { route } from '@/lib/http/route';
import { resendRequest } from '@/lib/http/schemas';
import { resendCode } from '@/lib/methods/phone/resend-code';
import { getServices } from '@/lib/services';

export const config = { api: { bodyParser: false } };

export default route({
  path: '/api/resend-otp',
  step: 'resend',
  services: getServices,
  body: resendRequest,
  formProblemsAt: 'resend',
  methods: {
    async POST({ services, request, response, body, client }) {
      const asked = { ...client, verificationId: body.pinId ?? client.verificationId };
      const { verificationId, reply } = await resendCode(services, body, asked);
      setCookie(response, services.config, 'verification', verificationId);
      return isBrowser(request.headers) ? reply : { ...reply, pinId: verificationId };
    },
  },
});
