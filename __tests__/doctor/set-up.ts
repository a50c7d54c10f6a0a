import type { TestSimulator } from '@/__tests__/support/simulator';
import { makePrivacyKey, makeProofKey } from '@/lib/config/keys';
import { diagnose } from '@/scripts/doctor/checks';
import { createContext } from '@/scripts/doctor/context';
import type { Finding, Status } from '@/scripts/doctor/finding';
import { SEED } from '@/simulator/seed';

export const APPLICATION = `/2fa/2/applications/${SEED.applicationId}`;
export const SMS_TEMPLATE = `${APPLICATION}/messages/${SEED.smsMessageId}`;
export const VOICE_TEMPLATE = `${APPLICATION}/messages/${SEED.voiceMessageId}`;

/** The text of a correct template for text messages. */
export const GOOD_TEXT = '{{pin}} is your code.\n@localhost #{{pin}}';

/** Correct variables, except that there is no Redis. */
export const goodEnvironment = (simulator: TestSimulator): Record<string, string> => ({
  INFOBIP_BASE_URL: simulator.url,
  INFOBIP_API_KEY: SEED.apiKey,
  INFOBIP_2FA_APP_ID: SEED.applicationId,
  INFOBIP_2FA_MESSAGE_ID: SEED.smsMessageId,
  INFOBIP_2FA_VOICE_MESSAGE_ID: SEED.voiceMessageId,
  PRIVACY_KEY: makePrivacyKey(),
  PROOF_PRIVATE_JWK: JSON.stringify(makeProofKey()),
  APP_ORIGIN: 'http://localhost:3000',
  ALLOWED_COUNTRIES: 'GB,DE',
  HOME_COUNTRY: 'DE',
  PRICES: JSON.stringify({ DE: { sms: 0.09, voice: 0.1 }, GB: { sms: 0.05, voice: 0.05 } }),
  LIMIT_SEND_GLOBAL: '100/1h',
  METRICS_TOKEN: 'a-token-of-32-and-more-characters',
});

/** Changes what the account holds, through its API. */
export async function put(simulator: TestSimulator, path: string, body: object): Promise<void> {
  const reply = await fetch(simulator.url + path, {
    method: 'PUT',
    headers: { Authorization: `App ${SEED.apiKey}`, 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!reply.ok) throw new Error(`${path}: ${await reply.text()}`);
}

export const configure = (simulator: TestSimulator, configuration: object, enabled = true): Promise<void> =>
  put(simulator, APPLICATION, { name: 'Mine', enabled, configuration });

/** Resets the simulated account to one without problems. */
export async function makeGood(simulator: TestSimulator): Promise<void> {
  await simulator.reset();
  await put(simulator, SMS_TEMPLATE, { messageText: GOOD_TEXT });
}

/** All findings about an environment, as `npm run doctor` would report them. */
export const examine = (env: Record<string, string>): Promise<readonly Finding[]> =>
  diagnose(createContext({ env: env as unknown as NodeJS.ProcessEnv, files: [], expands: true }));

/** Check and status of each finding that reports a problem. */
export const troublesIn = (findings: readonly Finding[]): string[] =>
  findings
    .filter(({ status }) => status === 'warn' || status === 'fail')
    .map(({ check, status }) => `${check} ${status}`);

/** What a broken set-up must produce: the check, its status, and the words in its finding. */
export type Expected = readonly [check: string, status: Status, ...words: string[]];

/** Each expected finding exists, and has a remedy if it reports a problem. */
export function expectFindings(findings: readonly Finding[], expected: readonly Expected[]): void {
  for (const [check, status, ...words] of expected) {
    const match = findings.find(
      (one) => one.check === check && one.status === status && words.every((word) => one.finding.includes(word)),
    );
    if (!match) {
      const near = findings.filter((one) => one.check === check).map((one) => `${one.status}: ${one.finding}`);
      throw new Error(`No ${status} of ${check} with ${words.join(', ')}, but: ${near.join(' | ')}`);
    }
    if (status !== 'ok' && status !== 'skipped')
      expect([match.finding, match.remedy]).toEqual([match.finding, expect.stringMatching(/\S/)]);
  }
}
