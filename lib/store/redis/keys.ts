import type { Scope } from '@/lib/store/verifications';

/** Prefix of every key. */
export const PREFIX = 'phone-verification:';

/**
 * Keys by what they hold. Keys that one step has to reach together share a hash tag, the part in braces, and with it a
 * slot of a Redis Cluster: an address and its network, all scopes of a subject, a country with its ranges of numbers,
 * everyone, a program, webhooks with their lanes. Scripts build the keys of subjects and destinations themselves, from
 * their tags.
 */
export const KEYS = {
  verification: `${PREFIX}v3:`,
  session: `${PREFIX}s:`,
  openid: `${PREFIX}o:`,
  logins: `${PREFIX}l`,
  subject: `${PREFIX}n:`,
  address: `${PREFIX}a:`,
  network: `${PREFIX}w:`,
  destination: `${PREFIX}d:`,
  everyone: `${PREFIX}e:{everyone}`,
  program: `${PREFIX}c:`,
  webhook: `${PREFIX}h:{webhooks}:`,
  webhookLane: `${PREFIX}q:{webhooks}:`,
  /**
   * Written for each privacy key together with the data under it; writing it also tests whether Redis accepts writes.
   */
  privacyKey: `${PREFIX}k:`,
} as const;

/** Suffixes of the tag of a subject. */
export const SUBJECT_KEYS = {
  strangers: ':s',
  device: ':d:',
  /** All known devices together. */
  allDevices: ':k',
  /** The time of the last erasure. Devices that became known before it no longer count as known. */
  erased: ':x',
  /** Prefix of the id of a solution, or of a wait, that has been used. */
  pass: ':p:',
} as const;

/** Suffixes of the tag of a country. The numbers' common prefix follows. */
export const DESTINATION_KEYS = { range: ':r:', block: ':b:' } as const;

export const addressKey = (network: string, address: string): string => `${KEYS.address}{${network}}:${address}`;
/** @param site its pseudonym */
export const siteKey = (network: string, site: string): string => `${KEYS.address}{${network}}:56:${site}`;
/** @param id of a client, as the configuration has it */
export const programKey = (id: string): string => `${KEYS.program}{${id}}`;
export const destinationTag = (country: string): string => `${KEYS.destination}{${country}}`;
export const networkKey = (network: string): string => `${KEYS.network}{${network}}`;
/** @param subject its pseudonym */
export const subjectTag = (subject: string): string => `${KEYS.subject}{${subject}}`;
export const scopeSuffix = (scope: Scope): string =>
  scope === 'strangers' ? SUBJECT_KEYS.strangers : SUBJECT_KEYS.device + scope.slice('device:'.length);
/** @param subject its pseudonym */
export const subjectKey = (subject: string, scope: Scope): string => subjectTag(subject) + scopeSuffix(scope);
export const allDevicesKey = (subject: string): string => subjectTag(subject) + SUBJECT_KEYS.allDevices;
