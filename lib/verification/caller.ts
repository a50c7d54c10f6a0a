import type { Program } from '@/lib/store/limits';
import type { VerificationContext } from '@/lib/store/verifications';

export type { Program };

/** The client behind a request, identified by its connection and its cookies. */
export interface Caller {
  /** The client's address, as the rate limits count it: IPv4 in full, IPv6 by /64. */
  readonly address: string;
  /** The IPv6 /56 of the address, which many providers give to a household; undefined for IPv4. */
  readonly site: string | undefined;
  /** The network of the address: IPv4 by /24, IPv6 by /48. */
  readonly network: string;
  /** Token of the caller's verification. */
  readonly verificationToken: string | undefined;
  /** The mark of the browser that started the verification; nothing has checked it yet. */
  readonly startMark: string | undefined;
  /** Token of the caller's session. */
  readonly sessionToken: string | undefined;
  /** Token: a factor was used a moment ago, and a code is due as well. Nothing has checked it yet. */
  readonly factorToken?: string | undefined;
  /** Whether the caller is a program and not a browser. It may then keep one set of cookies for all its users. */
  readonly isProgram?: boolean | undefined;
  /** The device cookie as it arrived; nothing has checked it yet. */
  readonly deviceCookie: string | undefined;
  /** The program with an API key that asks on somebody's behalf. */
  readonly program?: Program | undefined;
  /** The login at another application that the request belongs to. */
  readonly login?: AskingLogin | undefined;
}

/** A login at another application, as far as verifications depend on it. */
interface AskingLogin {
  /** Id of the application. */
  readonly client: string;
  readonly interaction: string;
  /** How old an earlier verification may be, in seconds; undefined if the login takes only a new one. */
  readonly maxAgeSeconds?: number | undefined;
}

type Asker = Pick<Caller, 'program' | 'login'>;

/**
 * Whether the caller is the one that asked for a verification: the same program with a key, the same login, or a client
 * with neither. A token alone is not enough, so that nobody finishes what was begun for somebody else.
 */
export function isAskedBy(context: VerificationContext | undefined, { program, login }: Asker): boolean {
  return context?.client === (program?.id ?? login?.client) && context?.interaction === login?.interaction;
}

/** Identifies the caller by its program or login, so that no other caller can finish what this one has begun. */
export const askerOf = ({ program, login }: Asker): string =>
  JSON.stringify([program?.id ?? login?.client, login?.interaction]);
