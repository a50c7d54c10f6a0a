import { randomBytes } from 'node:crypto';
import type { Privacy } from '@/lib/privacy';
import type { Device } from '@/lib/store/limits';

/**
 * Device cookies (OWASP, Slow Down Online Guessing Attacks with Device Cookies): a browser that verified a number stays
 * known to that number for a year, so strangers who misuse the number cannot lock the browser out. For each number, the
 * cookie holds a random id, the time, and a signature over both and the number, but not the number itself.
 */
export const DEVICE_TTL_SECONDS = 365 * 24 * 60 * 60;

/** The most numbers that one browser can be known to. */
const MAX_NUMBERS = 3;
const ID_BYTES = 16;
const PURPOSE = 'device cookies';

interface Entry {
  readonly id: string;
  /** Epoch milliseconds, in base 36. */
  readonly issued: string;
  readonly signature: string;
}

const ENTRY = /^([A-Za-z0-9_-]{22})\.([0-9a-z]{1,9})\.([A-Za-z0-9_-]{43})$/;

const signedText = (subject: string, { id, issued }: Omit<Entry, 'signature'>) => `${id}.${issued}.${subject}`;

function entriesIn(cookie: string): Entry[] {
  return cookie.split('~', MAX_NUMBERS).flatMap((text) => {
    const [, id, issued, signature] = ENTRY.exec(text) ?? [];
    return id !== undefined && issued !== undefined && signature !== undefined ? [{ id, issued, signature }] : [];
  });
}

const isFor = (privacy: Privacy, subject: string, entry: Entry) =>
  privacy.verify(PURPOSE, signedText(subject, entry), entry.signature);

/** Whether a cookie has the form of ours. */
export const isDeviceCookie = (value: string): boolean => value.split('~').every((text) => ENTRY.test(text));

/** The device that a cookie proves to be known to a subject; undefined for strangers. */
export function knownDevice(privacy: Privacy, cookie: string | undefined, subject: string): Device | undefined {
  if (cookie === undefined) return undefined;
  const entry = entriesIn(cookie).find((candidate) => isFor(privacy, subject, candidate));
  const issuedAt = entry ? Number.parseInt(entry.issued, 36) : 0;
  return entry && issuedAt > Date.now() - DEVICE_TTL_SECONDS * 1000 ? { id: entry.id, issuedAt } : undefined;
}

/**
 * The cookie after a verification. A device keeps its id, and with it its counts.
 * @param cookie the previous one
 */
export function rememberDevice(privacy: Privacy, cookie: string | undefined, subject: string): string {
  const before = cookie === undefined ? [] : entriesIn(cookie);
  const known = before.find((entry) => isFor(privacy, subject, entry));
  const id = known?.id ?? randomBytes(ID_BYTES).toString('base64url');
  const issued = Date.now().toString(36);
  const entry = { id, issued, signature: privacy.sign(PURPOSE, signedText(subject, { id, issued })) };
  const others = before.filter((other) => other !== known).slice(0, MAX_NUMBERS - 1);
  return [entry, ...others].map((one) => `${one.id}.${one.issued}.${one.signature}`).join('~');
}
