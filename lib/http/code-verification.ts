import type { FactorCodeRequest, VerifyReply } from '@/lib/contract';
import { type CodeFactor, verifyByCode } from '@/lib/methods/guessed-factor';
import { parsePhoneNumber } from '@/lib/methods/phone/phone-number';
import { assertServed } from '@/lib/methods/served-number';
import { contextOf } from './api-keys';
import { withTokens } from './caller';
import { assertAccepted, requestIn } from './login-verification';
import type { RouteCall } from './route';
import { keepingFactor } from './stale-number';
import { finishVerification } from './verified';

/** The number in a request. It must be one that may verify here, but it need not have an account. */
function numberIn({ login, services, body }: RouteCall<FactorCodeRequest>) {
  const { phoneNumber, country } = requestIn(login, body);
  const number = parsePhoneNumber(phoneNumber, country);
  assertServed(number.e164, services);
  assertAccepted(login, number.e164, services);
  return number;
}

/** Answers a request that verifies a number with a code from another factor. */
export async function verifyByCodeIn(
  call: RouteCall<FactorCodeRequest>,
  factor: CodeFactor,
  message: string,
): Promise<VerifyReply> {
  const { services, body, log, login, keyHolder } = call;
  const caller = withTokens(call.caller, { session: body.session });
  const context = login ? { client: login.client.id, interaction: login.uid } : contextOf(keyHolder, body);
  const typed = { number: numberIn(call), code: body.code };
  const success = await keepingFactor(call, () => verifyByCode(services, factor, typed, { caller, context, log }));
  return finishVerification(call, success, message, {
    cookies: caller.factorToken === undefined ? {} : { 'factor-used': null },
    factors: [],
  });
}
