import { setCookie } from '@/lib/http/cookies';
import { isBrowser } from '@/lib/http/guards/same-origin';
import { route } from '@/lib/http/route';
import { sendRequest } from '@/lib/http/schemas';
import { sendCode } from '@/lib/methods/phone/send-code';
import { getServices } from '@/lib/services';

export const config = { api: { bodyParser: false } };

export default route({
  path: '/api/send-otp',
  step: 'send',
  services: getServices,
  body: sendRequest,
  formProblemsAt: 'phone',
  methods: {
    async POST({ services, request, response, body, client }) {
      const { verificationId, reply } = await sendCode(services, body, client);
      setCookie(response, services.config, 'verification', verificationId);
      return isBrowser(request.headers) ? reply : { ...reply, pinId: verificationId };
    },
  },
});
