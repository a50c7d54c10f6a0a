import type { Privacy } from '@/lib/privacy';
import type { Demand, Held, Row } from '@/lib/store/limits';
import { addressKey, KEYS, networkKey, subjectTag } from './keys';

/** Rows that are counted under one key. */
interface SharedGroup {
  readonly key: string;
  readonly rows: readonly Row[];
}

/** What a script reserves or releases; see `scripts/reserve.ts`. */
export interface Ask {
  readonly token: string;
  readonly method?: string | undefined;
  readonly shared: readonly SharedGroup[];
  readonly verification?: object;
  readonly subject?: object;
  readonly takenAt?: number | undefined;
}

/** The parts of what a demand asks of Redis: each is one group of keys. */
export interface Asks {
  readonly address: SharedGroup;
  readonly network: SharedGroup;
  readonly everyone: SharedGroup;
  readonly verification: object | undefined;
  /** The subject that the demand names, or that the reservation turned out to be about; without either the verification names it. */
  readonly subject: object;
}

/**
 * @param held what the demand turned out to be about
 * @param pseudonym of the subject, by default the newest
 */
export function asksOf(
  privacy: Privacy,
  demand: Demand,
  held?: Pick<Held, 'subject' | 'scope'>,
  pseudonym?: string,
): Asks {
  const { terms, about } = demand;
  const network = privacy.pseudonym('address', demand.network);
  const subject = held?.subject ?? ('subject' in about ? about.subject : undefined);
  const device = !held && 'subject' in about ? about.device : undefined;
  return {
    address: { key: addressKey(network, privacy.pseudonym('address', demand.address)), rows: terms.address },
    network: { key: networkKey(network), rows: terms.network },
    everyone: { key: KEYS.everyone, rows: terms.everyone },
    verification:
      'verification' in about
        ? {
            key: KEYS.verification + about.verification,
            keyId: privacy.keyIds[0],
            isCounted: about.isCounted,
            ...(terms.attempt && { attempt: terms.attempt }),
          }
        : undefined,
    subject: {
      ...(subject !== undefined && { tag: subjectTag(pseudonym ?? privacy.pseudonym('number', subject)) }),
      ...(held && { scope: held.scope }),
      ...(device && { device, deviceLock: terms.deviceLock }),
      network,
      rows: terms.number,
      networkRows: terms.numberByNetwork,
      deviceRows: terms.allDevices,
      ...(terms.message && { message: terms.message }),
      ...(terms.attempt && { lock: terms.lock }),
    },
  };
}
