import type { VerifyReply, VerifyRequest } from '@/lib/contract';
import { withPinId, withTokens } from '@/lib/http/caller';
import { identifyProgram, requireKey } from '@/lib/http/guards/api-key';
import { floodShield } from '@/lib/http/guards/flood-shield';
import { jsonOrForm } from '@/lib/http/guards/json-or-form';
import { login } from '@/lib/http/guards/login';
import { methods } from '@/lib/http/guards/methods';
import { onBehalf } from '@/lib/http/guards/on-behalf';
import { sameOrigin } from '@/lib/http/guards/same-origin';
import { route } from '@/lib/http/route';
import { verifyRequest } from '@/lib/http/schemas';
import { finishVerification } from '@/lib/http/verified';
import { verifyCode } from '@/lib/methods/phone/verify-code';
import { getServices } from '@/lib/services';

export const config = { api: { bodyParser: false } };

/** Checks a code. */
export default route<VerifyRequest>({
  path: '/api/verify-otp',
  services: getServices,
  step: 'verify',
  errorFields: { verified: false },
  guards: [
    sameOrigin,
    identifyProgram,
    floodShield,
    methods('POST'),
    requireKey,
    login,
    jsonOrForm(verifyRequest, 'code'),
    onBehalf,
  ],
  async handle(call): Promise<VerifyReply> {
    const { services, body, log, login } = call;
    const own = withPinId(call.caller, login ? undefined : body.pinId);
    const caller = services.factors ? withTokens(own, body) : own;
    const success = await verifyCode(services, body.pin, caller, log);
    const { account, stronger } = success.statement;
    const factors = account === undefined ? stronger : [];
    return finishVerification(call, success, 'OTP verified successfully.', {
      cookies: {
        verification: null,
        ...(caller.startMark !== undefined && { 'started-here': null }),
        ...(own.factorToken !== undefined && { 'factor-used': null }),
      },
      ...(services.factors && { factors: factors ?? [] }),
    });
  },
});
