import type { ResendRequest } from '@/lib/contract';
import { withPinId } from '@/lib/http/caller';
import { identifyProgram, requireKey } from '@/lib/http/guards/api-key';
import { floodShield } from '@/lib/http/guards/flood-shield';
import { jsonOrForm } from '@/lib/http/guards/json-or-form';
import { login } from '@/lib/http/guards/login';
import { methods } from '@/lib/http/guards/methods';
import { onBehalf } from '@/lib/http/guards/on-behalf';
import { sameOrigin } from '@/lib/http/guards/same-origin';
import { servicesIn } from '@/lib/http/login';
import { presentSent } from '@/lib/http/present-sent';
import { route } from '@/lib/http/route';
import { resendRequest } from '@/lib/http/schemas';
import { resendCode } from '@/lib/methods/phone/resend-code';
import { getServices } from '@/lib/services';
import { isStartedHere } from '@/lib/verification/started-here';

export const config = { api: { bodyParser: false } };

/** Sends the code of a verification again. */
export default route<ResendRequest>({
  path: '/api/resend-otp',
  services: getServices,
  step: 'resend',
  guards: [
    sameOrigin,
    identifyProgram,
    floodShield,
    methods('POST'),
    requireKey,
    login,
    jsonOrForm(resendRequest, 'resend'),
    onBehalf,
  ],
  async handle(call) {
    const { body, log, login } = call;
    const services = login ? servicesIn(call.services, login) : call.services;
    const caller = withPinId(call.caller, login ? undefined : body.pinId);
    return presentSent(call, await resendCode(services, body, caller, log), isStartedHere(services.privacy, caller));
  },
});
