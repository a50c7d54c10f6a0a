import type { SendRequest } from '@/lib/contract';
import { floodShield } from '@/lib/http/guards/flood-shield';
import { jsonOrForm } from '@/lib/http/guards/json-or-form';
import { login } from '@/lib/http/guards/login';
import { methods } from '@/lib/http/guards/methods';
import { isBrowser, sameOrigin } from '@/lib/http/guards/same-origin';
import { sendCodeIn } from '@/lib/http/login-verification';
import { presentSent } from '@/lib/http/present-sent';
import { route } from '@/lib/http/route';
import { sendRequest } from '@/lib/http/schemas';
import { sendCode } from '@/lib/methods/phone/send-code';
import { getServices } from '@/lib/services';

export const config = { api: { bodyParser: false } };

/** Sends a code to a number, and starts its verification. */
export default route<SendRequest>({
  path: '/api/send-otp',
  services: getServices,
  step: 'send',
  guards: [sameOrigin, floodShield, methods('POST'), login, jsonOrForm(sendRequest, 'phone')],
  async handle(call) {
    const { services, request, body, caller, log, login } = call;
    if (login)
      return presentSent(call, await sendCodeIn(login, services, body, caller, log), !login.client.isNumberFixed);
    return presentSent(call, await sendCode(services, body, caller, log), isBrowser(request.headers));
  },
});
