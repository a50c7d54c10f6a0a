import type { Config } from '@/lib/config/config';
import type { SendRequest, VerifyReply } from '@/lib/contract';
import { AppError } from '@/lib/errors';
import type { PhoneDependencies } from '@/lib/methods/phone/dependencies';
import { maskPhoneNumber } from '@/lib/methods/phone/phone-number';
import { type Sent, sendCode } from '@/lib/methods/phone/send-code';
import type { RequestLog } from '@/lib/observability/request-log';
import type { Caller } from '@/lib/verification/caller';
import type { Opened } from '@/lib/verification/open-session';
import { type OpenLogin, servicesIn } from './login';

/** The fields of a confirmation that the configured placeholders name. */
function placeholdersOf({ confirmation }: OpenLogin, { infobip: { placeholders } }: Config) {
  if (!confirmation || !placeholders) return undefined;
  const { text, amount = '', payee = '' } = confirmation;
  const known = Object.entries({ text, amount, payee }).filter(([name]) => Object.hasOwn(placeholders, name));
  return Object.fromEntries(known);
}

/** Sends a code for a login: to the number that its client named, if it named one, otherwise to the typed number. */
export function sendCodeIn(
  login: OpenLogin,
  services: PhoneDependencies,
  request: SendRequest,
  caller: Caller,
  log: RequestLog,
): Promise<Sent> {
  const { client, hint, uid } = login;
  const to = client.isNumberFixed ? { ...request, phoneNumber: hint ?? '', country: undefined } : request;
  const placeholders = placeholdersOf(login, services.config);
  const context = { client: client.id, interaction: uid, ...(placeholders && { placeholders }) };
  return sendCode(servicesIn(services, login), to as SendRequest, caller, log, context);
}

/**
 * Checks that the verified number is the one that the login's client named, if it named one.
 * @param login undefined if the request belongs to no login
 * @throws {AppError} PIN_NOT_FOUND
 */
export function assertNamed(login: OpenLogin | undefined, phoneNumber: string): void {
  if (login?.client.isNumberFixed && phoneNumber !== login.hint) throw new AppError('PIN_NOT_FOUND');
}

/**
 * Tells the provider the verified number.
 * @returns fields of the reply: the way back to the client and, if the client named the number, the number in masked form
 * @throws {AppError} STORE_UNAVAILABLE
 */
export async function finishLogin(
  login: OpenLogin,
  { statement: { phoneNumber, amr, acr, authenticatedAt }, proof }: Opened,
  log: RequestLog,
): Promise<Pick<VerifyReply, 'redirectTo'> & Partial<VerifyReply>> {
  const redirectTo = await log.store(
    login.finish({ phoneNumber, amr, acr, verifiedAt: authenticatedAt ?? proof.issuedAt }),
  );
  return { redirectTo, ...(login.client.isNumberFixed && { phoneNumber: maskPhoneNumber(phoneNumber) }) };
}
