import type { Privacy } from '@/lib/privacy';
import type { CreditGroup, Demand, Held, Pass, Row, Taken, Terms } from '@/lib/store/limits';
import type { Destination } from '@/lib/store/verifications';
import { addressKey, KEYS, networkKey, programKey, siteKey, subjectTag } from './keys';

/** Rows that count under one key. `rows` is their name in the terms. */
interface SharedGroup {
  readonly key: string;
  readonly rows: keyof Pick<Terms, 'address' | 'network'>;
}

/** The rows of a program or of everyone, under one key. */
interface Pool {
  readonly key: string;
  /** Undefined for `everyone` in the terms. */
  readonly rows?: readonly Row[];
}

/** The parts that a script should reserve or release; see `scripts/reserve.ts`. */
export interface Ask {
  readonly token: string;
  readonly method?: string | undefined;
  readonly shared: readonly SharedGroup[];
  readonly verification?: object;
  readonly subject?: object;
  readonly program?: Required<Pool> | undefined;
  readonly everyone?: Pool | undefined;
  readonly credit?: CreditAsk | undefined;
  readonly destination?: Destination | undefined;
  readonly pass?: Pass | undefined;
  /** Whether another step found a challenge due. */
  readonly isDue?: boolean;
  /** For a release: the time of the reservation. */
  readonly takenAt?: number | undefined;
  readonly taken?: Taken;
  readonly isNewCountry?: boolean | undefined;
}

/** The buckets to charge: those of the client, those of the destination, or both. */
export interface CreditAsk {
  readonly client?: readonly { readonly group: CreditGroup; readonly key: string }[];
  readonly isOfDestination?: boolean;
  /** Only checks whether the country has enough verified codes for the method, and takes nothing. */
  readonly isProof?: boolean;
  /** Whether the sender is a stranger, if the ask has no subject that says so. */
  readonly isStranger?: boolean;
}

/** The parts of a demand as Redis needs them: each part is one group of keys. */
export interface Asks {
  readonly address: SharedGroup;
  readonly network: SharedGroup;
  /** Undefined if the guard is off. */
  readonly clientCredit: Pick<CreditAsk, 'client'> | undefined;
  readonly verification: object | undefined;
  /** Undefined if the program has no limits of its own. */
  readonly program: Required<Pool> | undefined;
  /** The subject that the demand names, or that the reservation found. Without either, the verification names it. */
  readonly subject: object;
}

/**
 * @param network its pseudonym
 * @param address its key
 */
function clientCreditOf(privacy: Privacy, { terms, site }: Demand, network: string, address: string) {
  if (!terms.credit) return undefined;
  const siteBucket = site !== undefined && {
    group: 'site' as const,
    key: siteKey(network, privacy.pseudonym('address', site)),
  };
  return {
    client: [
      { group: 'address' as const, key: address },
      ...(siteBucket ? [siteBucket] : []),
      { group: 'network' as const, key: networkKey(network) },
    ],
  };
}

/**
 * @param held the subject and the scope, once a reservation has found them
 * @param pseudonym the subject's; by default the newest
 */
export function asksOf(
  privacy: Privacy,
  demand: Demand,
  held?: Pick<Held, 'subject' | 'scope'>,
  pseudonym?: string,
): Asks {
  const { about, program } = demand;
  const network = privacy.pseudonym('address', demand.network);
  const address = addressKey(network, privacy.pseudonym('address', demand.address));
  const subject = held?.subject ?? ('subject' in about ? about.subject : undefined);
  const device = !held && 'subject' in about ? about.device : undefined;
  return {
    address: { key: address, rows: 'address' },
    network: { key: networkKey(network), rows: 'network' },
    clientCredit: clientCreditOf(privacy, demand, network, address),
    verification:
      'verification' in about
        ? { key: KEYS.verification + about.verification, keyId: privacy.keyIds[0], isCounted: about.isCounted }
        : undefined,
    program: program?.rows.length ? { key: programKey(program.id), rows: program.rows } : undefined,
    subject: {
      ...(subject !== undefined && { tag: subjectTag(pseudonym ?? privacy.pseudonym('number', subject)) }),
      ...(held && { scope: held.scope }),
      device,
      network,
    },
  };
}
