import type { Program } from '@/lib/store/limits';
import type { VerificationContext } from '@/lib/store/verifications';

export type { Program };

/** The client behind a request, identified by its connection and its cookies. */
export interface Caller {
  /** The client's address in the form that limits count. */
  readonly address: string;
  /** Between the address and the network: an IPv6 /56; undefined for IPv4. */
  readonly site: string | undefined;
  /** The network that the address belongs to. */
  readonly network: string;
  /** Key of the caller's verification. */
  readonly verificationToken: string | undefined;
  /** The mark of the browser that started the verification; nothing has checked it yet. */
  readonly startMark: string | undefined;
  /** Key of the caller's session. */
  readonly sessionToken: string | undefined;
  /** Says that a factor was used a moment ago, and that a code is due as well; nothing has checked it yet. */
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
 * Whether the caller is the one that asked for a verification: the same program, the same login, or neither. A token
 * alone is not enough, so that nobody finishes what was begun for somebody else.
 */
export function isAskedBy(context: VerificationContext | undefined, { program, login }: Asker): boolean {
  return context?.client === (program?.id ?? login?.client) && context?.interaction === login?.interaction;
}

/** Identifies the caller that asks, in the same terms: no other caller can finish what this one has begun. */
export const askerOf = ({ program, login }: Asker): string =>
  JSON.stringify([program?.id ?? login?.client, login?.interaction]);
