import type { VerifyReply } from '@/lib/contract';
import { clearCookie, setCookie } from '@/lib/http/cookies';
import { isBrowser } from '@/lib/http/guards/same-origin';
import { route } from '@/lib/http/route';
import { verifyRequest } from '@/lib/http/schemas';
import { verifyCode } from '@/lib/methods/phone/verify-code';
import { getServices } from '@/lib/services';
import { endSession } from '@/lib/verification/session';

export const config = { api: { bodyParser: false } };

export default route({
  path: '/api/verify-otp',
  step: 'verify',
  services: getServices,
  body: verifyRequest,
  formProblemsAt: 'code',
  errorFields: { verified: false },
  methods: {
    async POST({ services, request, response, body, client }): Promise<VerifyReply> {
      const asked = { ...client, verificationId: body.pinId ?? client.verificationId };
      const { verified, proof, sessionId } = await verifyCode(services, body.pin, asked);
      clearCookie(response, services.config, 'verification');
      setCookie(response, services.config, 'phone-session', sessionId);
      try {
        const logger = services.logger.child({ requestId: response.getHeader('X-Request-Id') });
        await services.onVerified(verified, { request, response, logger });
        client.note({ event: 'number.verified', proofId: verified.proofId });
      } catch (error) {
        response.removeHeader('Set-Cookie');
        // Nobody has its handle; should this fail, it ends by itself.
        await endSession(services, sessionId).catch(() => undefined);
        throw error;
      }
      const { phoneNumber } = verified;
      const reply: VerifyReply = { verified: true, message: 'OTP verified successfully.', phoneNumber };
      return isBrowser(request.headers) ? reply : { ...reply, proof };
    },
  },
});
