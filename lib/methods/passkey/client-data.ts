import { AppError } from '@/lib/errors';
import type { RelyingParty } from './relying-party';

/** @param why for operators: never a value of the client's. @param status 401 at a verification */
export const refusePasskey = (why: string, status?: 401): AppError =>
  new AppError('PASSKEY_REJECTED', { cause: why, ...(status !== undefined && { status }) });

/** What the browser says about the page (WebAuthn Level 3, §5.8.1), as far as we look at it ourselves. */
interface ClientData {
  readonly origin?: unknown;
  readonly crossOrigin?: unknown;
  readonly topOrigin?: unknown;
}

/**
 * Checks that a passkey was used on a page of ours, and that no other page shows ours in a frame. The library
 * (`@simplewebauthn/server` 14.0.3) ignores `crossOrigin`, and `topOrigin` in enrollments. It checks everything else
 * itself, the origin included.
 * @param clientDataJson base64url
 * @returns what is wrong with it; undefined if nothing is
 */
export function faultOfPage(clientDataJson: string, { origins }: Pick<RelyingParty, 'origins'>): string | undefined {
  let data: ClientData | null;
  try {
    data = JSON.parse(Buffer.from(clientDataJson, 'base64url').toString()) as ClientData | null;
  } catch {
    return 'client data';
  }
  // The library also checks the origin. But its messages quote the client, so they cannot be logged, and operators need
  // to know.
  if (typeof data?.origin !== 'string' || !origins.includes(data.origin)) return 'origin';
  const isFramed = (data.crossOrigin !== undefined && data.crossOrigin !== false) || data.topOrigin !== undefined;
  return isFramed ? 'page in a frame' : undefined;
}
