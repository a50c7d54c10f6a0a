import type { ResendRequest } from '@/lib/contract';
import { withPinId } from '@/lib/http/caller';
import { floodShield } from '@/lib/http/guards/flood-shield';
import { jsonOrForm } from '@/lib/http/guards/json-or-form';
import { methods } from '@/lib/http/guards/methods';
import { sameOrigin } from '@/lib/http/guards/same-origin';
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
  guards: [sameOrigin, floodShield, methods('POST'), jsonOrForm(resendRequest, 'resend')],
  async handle(call) {
    const { services, body, log } = call;
    const caller = withPinId(call.caller, body.pinId);
    return presentSent(call, await resendCode(services, body, caller, log), isStartedHere(services.privacy, caller));
  },
});
