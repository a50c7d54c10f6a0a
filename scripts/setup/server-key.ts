import { environment } from '@/lib/config/environment';
import { createAccount } from '@/lib/infobip/account';
import type { Connection } from '@/lib/infobip/client';

/** The key for the env file, and what to tell the person about it. */
export interface KeyChoice {
  readonly apiKey: string;
  readonly note?: string;
}

const { INFOBIP_API_KEY: key, INFOBIP_BASE_URL: url } = environment.shape;

/**
 * The env file's own key stays: it is the server's, and may do less than the given one. The command replaces that key
 * if Infobip does not know it. It also replaces a key for another base URL, and does not send it to the new one.
 * @param given the key that this run uses
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
    return {
      apiKey: given.apiKey,
      note: 'Infobip does not know the INFOBIP_API_KEY of the env file: this command replaces it.',
    };
  return { apiKey: inFile, note: 'INFOBIP_API_KEY stays as it is; the command does not write the key that you gave.' };
}
