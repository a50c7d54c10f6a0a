import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '@/lib/config/config';
import type { Channel } from '@/lib/contract';
import { AppError } from '@/lib/errors';
import { createInfobipClient } from '@/lib/infobip/client';
import type { Failure, SendResult, UpstreamCause, VerifyResult } from '@/lib/infobip/replies';
import { createTwoFactor, type TwoFactor } from '@/lib/infobip/two-factor';
import {
  assertReachable,
  countryOf,
  maskPhoneNumber,
  parsePhoneNumber,
  toMsisdn,
} from '@/lib/methods/phone/phone-number';
import { REMEDIES as EVENT_REMEDIES } from '@/lib/observability/events';
import type { SendOptions } from './command-line';
import { type Finding, fail, type Judgement, ok, skipped } from './finding';

/** Talks to a person, without a trace on standard output. */
export interface Person {
  readonly tell: (text: string) => void;
  /** Undefined if there is no answer: the input ended, or it took too long. */
  readonly ask: (question: string, withinMs: number) => Promise<string | undefined>;
}

const CONFIRM_WITHIN_MS = 120_000;
/** Infobip may require a wait before another try. A wait longer than this ends the test. */
const MAX_WAIT_SECONDS = 10;

const words = ({ fault, status, messageId, errno }: UpstreamCause): string =>
  [status, messageId, errno ?? (status === undefined ? fault : undefined)].filter((one) => one !== undefined).join(' ');

const REMEDIES: Readonly<Record<Failure['code'], string>> = {
  RATE_LIMITED: 'Wait, or check sendPinPerPhoneNumberLimit and sendPinPerApplicationLimit of the application.',
  UPSTREAM_REJECTED_US: 'Check the scopes and the allowed IP addresses of INFOBIP_API_KEY.',
  UPSTREAM_UNAVAILABLE:
    'Try again in a moment. If that does not help, check the network, the firewall and INFOBIP_BASE_URL.',
  UPSTREAM_BAD_REPLY:
    'Check INFOBIP_2FA_APP_ID (is it enabled?), the template, and the sender (INFOBIP_SENDER_ID, INFOBIP_SENDER_IDS).',
  UPSTREAM_TIMEOUT: 'Try again in a moment; the message may still arrive.',
};

const remedyFor = ({ code, cause }: Failure): string =>
  (cause.fault === 'application-missing' && EVENT_REMEDIES['upstream.application_missing']) || REMEDIES[code];

const named = (check: string, judgement: Judgement): Finding => ({ check, ...judgement });

function judgeUnsent(result: Exclude<SendResult, { kind: 'sent' }>, channel: Channel): Judgement {
  const cause = words(result.cause);
  if (result.kind !== 'failed')
    return fail(
      `Infobip did not send it (${cause}): this number or this sender (INFOBIP_SENDER_ID, INFOBIP_SENDER_IDS) may be the reason.`,
      channel === 'sms' ? 'Trial accounts only send to numbers that are verified in the portal.' : 'Try --channel sms.',
    );
  return fail(`Infobip did not send it (${cause || result.code}).`, remedyFor(result));
}

const ENDS: Readonly<Record<'expired' | 'exhausted' | 'not-found', string>> = {
  expired: 'The code has expired (pinTimeToLive).',
  exhausted: 'The code has no tries left (pinAttempts).',
  'not-found': 'Infobip no longer knows the code.',
};

function judgeEnd(result: Exclude<VerifyResult, { kind: 'wrong' }>): Judgement {
  if (result.kind === 'verified') return ok('The code was correct: Infobip verified it.');
  if (result.kind === 'failed')
    return fail(`Infobip did not verify it (${words(result.cause) || result.code}).`, REMEDIES[result.code]);
  return fail(ENDS[result.kind], 'Run the command again.');
}

/** The tools to verify the message's code. */
interface TestSend {
  readonly twoFactor: TwoFactor;
  readonly config: Config;
  readonly msisdn: string;
  readonly person: Person;
}

/** Asks for one code, and tries it. A try that Infobip postpones does not count. */
async function tryCode(
  { twoFactor, config, msisdn, person }: TestSend,
  pinId: string,
): Promise<VerifyResult | undefined> {
  const typed = await person.ask(`The code (${config.pin.length} digits): `, config.pin.ttlSeconds * 1000);
  if (typed === undefined) return undefined;
  const code = typed.trim();
  if (!/^\d+$/.test(code) || code.length !== config.pin.length) return { kind: 'wrong' };
  const result = await twoFactor.verify(pinId, msisdn, code);
  if (result.kind !== 'failed' || result.code !== 'RATE_LIMITED') return result;
  const waitSeconds = result.retryAfterSeconds ?? 1;
  if (waitSeconds > MAX_WAIT_SECONDS) return result;
  await sleep(waitSeconds * 1000);
  return twoFactor.verify(pinId, msisdn, code);
}

async function verify(test: TestSend, pinId: string): Promise<Judgement> {
  const { maxAttempts } = test.config.pin;
  for (let left = maxAttempts - 1; left >= 0; left -= 1) {
    const result = await tryCode(test, pinId);
    if (result === undefined) return fail('There was no code.', 'Type the code from the message.');
    if (result.kind !== 'wrong') return judgeEnd(result);
    test.person.tell(`That code isn't correct. Tries left: ${left}.`);
  }
  return fail(`No correct code in ${maxAttempts} tries (MAX_PIN_ATTEMPTS).`, 'Run the command again.');
}

function refusalOf({ phoneNumber, channel }: SendOptions, config: Config): Judgement | undefined {
  try {
    assertReachable(parsePhoneNumber(phoneNumber), channel, config);
    return undefined;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return fail(
      `${error.toReply().message} (ALLOWED_COUNTRIES, VOICE_COUNTRIES)`,
      'Use a number that the server may send to.',
    );
  }
}

async function isWanted({ phoneNumber, channel, yes }: SendOptions, person: Person): Promise<boolean> {
  if (yes) return true;
  const kind = channel === 'sms' ? 'a real text message to' : 'a code by a real call to';
  const question = `Send ${kind} ${maskPhoneNumber(phoneNumber)}, which may cost money? [y/N] `;
  return /^y(es)?$/i.test((await person.ask(question, CONFIRM_WITHIN_MS))?.trim() ?? '');
}

/**
 * Sends one real message, as the server would, and completes its verification.
 * @returns two findings: `send` and `verification`
 */
export async function testSend(options: SendOptions, config: Config, person: Person): Promise<readonly Finding[]> {
  const { phoneNumber, channel } = options;
  const none = (judgement: Judgement) => [
    named('send', judgement),
    named('verification', skipped('The doctor sent no message.')),
  ];
  const refusal = refusalOf(options, config);
  if (refusal) return none(refusal);
  if (!(await isWanted(options, person))) return none(skipped('You chose not to send a message.'));
  const twoFactor = createTwoFactor(createInfobipClient(config.infobip), config.infobip);
  const msisdn = toMsisdn(phoneNumber);
  const sent = await twoFactor.send(channel, config.infobip.messageIds[channel].en, {
    msisdn,
    country: countryOf(phoneNumber),
  });
  if (sent.kind !== 'sent') return none(judgeUnsent(sent, channel));
  person.tell(`Infobip has accepted a message to ${maskPhoneNumber(phoneNumber)}.`);
  const end = await verify({ twoFactor, config, msisdn, person }, sent.pinId);
  return [named('send', ok(`Infobip has accepted a message by ${channel}.`)), named('verification', end)];
}
