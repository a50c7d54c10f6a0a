import type { Config } from '@/lib/config/config';
import type { SendRequest, VerifyReply } from '@/lib/contract';
import { AppError } from '@/lib/errors';
import type { PhoneDependencies } from '@/lib/methods/phone/dependencies';
import { countryOf, isServed, maskPhoneNumber } from '@/lib/methods/phone/phone-number';
import { type Sent, sendCode } from '@/lib/methods/phone/send-code';
import type { RequestLog } from '@/lib/observability/request-log';
import type { StepUpMethod } from '@/lib/verification/account';
import type { Caller } from '@/lib/verification/caller';
import { SAID_BY } from '@/lib/verification/factor-passed';
import type { Opened } from '@/lib/verification/open-session';
import { type OpenLogin, servicesIn } from './login';

interface Configured {
  readonly config: Config;
}

/** The fields of a confirmation that the configured placeholders name. */
function placeholdersOf({ confirmation }: OpenLogin, { infobip: { placeholders } }: Config) {
  if (!confirmation || !placeholders) return undefined;
  const { text, amount = '', payee = '' } = confirmation;
  const known = Object.entries({ text, amount, payee }).filter(([name]) => Object.hasOwn(placeholders, name));
  return Object.fromEntries(known);
}

interface TypedNumber {
  readonly phoneNumber: string;
  readonly country?: string | undefined;
}

/**
 * A request about a number. In a login whose client named the number, that number replaces whatever was typed.
 */
export const requestIn = <Request extends TypedNumber>(login: OpenLogin | undefined, request: Request): Request =>
  login?.client.isNumberFixed ? { ...request, phoneNumber: login.hint ?? '', country: undefined } : request;

/** Sends a code for a login: to the number that its client named, if it named one, otherwise to the typed number. */
export function sendCodeIn(
  login: OpenLogin,
  services: PhoneDependencies,
  request: SendRequest,
  caller: Caller,
  log: RequestLog,
): Promise<Sent> {
  const { client, uid } = login;
  const placeholders = placeholdersOf(login, services.config);
  const context = { client: client.id, interaction: uid, ...(placeholders && { placeholders }) };
  return sendCode(servicesIn(services, login), requestIn(login, request), caller, log, context);
}

/**
 * Why a login must not end with a number: its client named another one, or does not accept the number's country.
 * @returns undefined if it may end with this number
 */
function objectionTo(login: OpenLogin, phoneNumber: string, services: Configured): AppError | undefined {
  if (login.client.isNumberFixed && phoneNumber !== login.hint)
    return new AppError('PHONE_NUMBER_NOT_SUPPORTED', {
      message: 'The application asks for a different number.',
    });
  if (isServed(countryOf(phoneNumber), servicesIn(services, login).config)) return undefined;
  return new AppError('PHONE_NUMBER_NOT_SUPPORTED', {
    reason: 'country',
    message: 'The application does not accept numbers from this country.',
  });
}

/** Whether a login may end with a number. */
export const isAccepted = (login: OpenLogin, phoneNumber: string, services: Configured): boolean =>
  objectionTo(login, phoneNumber, services) === undefined;

/**
 * Checks that a login may end with a number. Call this before anything is used up for the number.
 * @param login undefined if the request belongs to no login: then any number will do
 * @param phoneNumber E.164
 * @throws {AppError} PHONE_NUMBER_NOT_SUPPORTED
 */
export function assertAccepted(login: OpenLogin | undefined, phoneNumber: string, services: Configured): void {
  const objection = login && objectionTo(login, phoneNumber, services);
  if (objection) throw objection;
}

/** A number that was verified, and what its owner could have verified it with instead. */
export interface Standing extends Pick<Opened, 'statement'> {
  readonly stepUp?: readonly StepUpMethod[] | undefined;
}

/**
 * Checks that a verification is strong enough to complete a login. A code alone is not, if the client asks for more and
 * the number has a factor that provides it. If the number has none, the code completes the login: clients ask for a
 * strength, and check what they get (OpenID Connect Core 1.0, §3.1.2.1).
 * @throws {AppError} STEP_UP_REQUIRED, with the methods that provide what the client asks for
 */
export function assertStrongEnough({ acrValues }: OpenLogin, { statement, stepUp = [] }: Standing): void {
  const { acr, stronger = [] } = statement;
  if (!acrValues || acrValues.includes(acr)) return;
  const isAskedFor = (method: StepUpMethod) => acrValues.includes(SAID_BY[method].acr);
  if (stronger.some(isAskedFor)) throw new AppError('STEP_UP_REQUIRED', { methods: stepUp.filter(isAskedFor) });
}

/**
 * Tells the provider the verified number.
 * @returns fields of the reply: the way back to the client and, if the client named the number, the number in masked
 * form
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
