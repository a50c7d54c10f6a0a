import { environment } from '@/lib/config/environment';
import { createAccount } from '@/lib/infobip/account';
import type { Connection } from '@/lib/infobip/client';

/** The key that the env file gets, and what is to be told about it. */
export interface KeyChoice {
  readonly apiKey: string;
  readonly note?: string;
}

const { INFOBIP_API_KEY: key, INFOBIP_BASE_URL: url } = environment.shape;

/**
 * A key that the env file has already stays: it is the server's own, and may do less than the one that was given. One that
 * Infobip does not know is replaced, and one of another base URL, where it is not sent to.
 * @param given what this run asks Infobip with
 */
export async function keyForFile(
  given: Connection,
  inFile: string | undefined,
  knownUrl: string | undefined,
): Promise<KeyChoice> {
  const isElsewhere = knownUrl !== undefined && url.safeParse(knownUrl).data !== given.baseUrl;
  if (inFile === undefined || inFile === given.apiKey || isElsewhere || !key.safeParse(inFile).success)
    return { apiKey: given.apiKey };
  const result = await createAccount({ ...given, apiKey: inFile }).probeKey();
  if (result.kind === 'failed' && result.status === 401)
    return { apiKey: given.apiKey, note: 'Infobip does not know the INFOBIP_API_KEY of the env file: it is replaced.' };
  return { apiKey: inFile, note: 'INFOBIP_API_KEY stays as it is; the key that was given is not written.' };
}
