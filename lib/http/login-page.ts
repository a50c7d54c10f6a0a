import type { PageLogin, TypedNumber } from '@/lib/contract';
import { maskPhoneNumber } from '@/lib/methods/phone/phone-number';
import { isCurrent } from '@/lib/verification/account';
import type { Caller } from '@/lib/verification/caller';
import type { Dependencies } from '@/lib/verification/dependencies';
import { findSession, type Session } from '@/lib/verification/session';
import { type Brand, clientLogo } from './brand';
import type { OpenLogin } from './login';
import { isAccepted } from './login-verification';

/** What the page shows about a login. */
export function pageLogin({ client, hint, confirmation, acrValues, page }: OpenLogin, brand: Brand): PageLogin {
  return {
    page,
    token: page.slice(page.lastIndexOf('/') + 1),
    clientName: client.name,
    clientLogo: clientLogo(brand, client.id),
    fixedNumber: client.isNumberFixed && hint !== undefined ? maskPhoneNumber(hint) : null,
    confirmation: confirmation
      ? { text: confirmation.text, amount: confirmation.amount ?? null, payee: confirmation.payee ?? null }
      : null,
    acr: acrValues ? [...acrValues] : null,
  };
}

/** The most characters that the page's field for a number accepts. */
const MAX_HINT = 32;

/** The number that the application expects, to fill the field with; null if there is none. */
export const typedFor = (login: OpenLogin | undefined): TypedNumber | null =>
  login?.hint !== undefined && !login.client.isNumberFixed && login.hint.length <= MAX_HINT
    ? { number: login.hint, country: '' }
    : null;

/**
 * This browser's earlier verification, if it is recent and strong enough for the login, and of a number that the client
 * accepts.
 */
export async function earlierSession(
  services: Dependencies,
  login: OpenLogin,
  { sessionToken }: Caller,
): Promise<Session | undefined> {
  const { maxAgeSeconds, acrValues } = login;
  if (maxAgeSeconds === undefined || sessionToken === undefined) return undefined;
  const session = await findSession(services, sessionToken);
  if (!session || Date.now() - session.verifiedAt.getTime() > maxAgeSeconds * 1000) return undefined;
  if (acrValues && !acrValues.includes(session.acr)) return undefined;
  if (!isAccepted(login, session.phoneNumber, services)) return undefined;
  // A factor may have been removed because somebody else has it.
  return (await isCurrent(services, session)) ? session : undefined;
}
