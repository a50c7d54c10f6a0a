import type { SendRequest } from '@/lib/contract';
import { contextOf } from '@/lib/http/api-keys';
import { identifyProgram, requireKey } from '@/lib/http/guards/api-key';
import { floodShield } from '@/lib/http/guards/flood-shield';
import { jsonOrForm } from '@/lib/http/guards/json-or-form';
import { login } from '@/lib/http/guards/login';
import { methods } from '@/lib/http/guards/methods';
import { onBehalf } from '@/lib/http/guards/on-behalf';
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
  guards: [
    sameOrigin,
    identifyProgram,
    floodShield,
    methods('POST'),
    requireKey,
    login,
    jsonOrForm(sendRequest, 'phone'),
    onBehalf,
  ],
  async handle(call) {
    const { services, request, body, caller, log, login, keyHolder } = call;
    if (login)
      return presentSent(call, await sendCodeIn(login, services, body, caller, log), !login.client.isNumberFixed);
    return presentSent(
      call,
      await sendCode(services, body, caller, log, contextOf(keyHolder, body)),
      isBrowser(request.headers),
    );
  },
});
