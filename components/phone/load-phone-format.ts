import { BASE_PATH } from '@/lib/base-path';
import type { PhoneMetadata } from '@/lib/contract';
import { createPhoneFormat, type PhoneFormat } from './phone-format';

const loaded = new Map<string, PhoneFormat>();
const loading = new Map<string, Promise<PhoneFormat | undefined>>();

async function load(callingCode: string): Promise<PhoneFormat | undefined> {
  try {
    const reply = await fetch(`${BASE_PATH}/api/phone-metadata?callingCode=${callingCode}`);
    if (!reply.ok) return undefined;
    const format = createPhoneFormat(callingCode, JSON.parse(await reply.text()) as PhoneMetadata);
    loaded.set(callingCode, format);
    return format;
  } catch {
    // Without the format, the page groups no digits, and only the server validates. The next keystroke tries again.
    loading.delete(callingCode);
    return undefined;
  }
}

/** The format for numbers of a calling code, if it is loaded. */
export const loadedFormat = (callingCode: string): PhoneFormat | undefined => loaded.get(callingCode);

/** Loads the format for numbers of a calling code, once; undefined if that fails. */
export function loadPhoneFormat(callingCode: string): Promise<PhoneFormat | undefined> {
  const promise = loading.get(callingCode) ?? load(callingCode);
  loading.set(callingCode, promise);
  return promise;
}
