import type { Channel } from '@/lib/contract';
import { parsePhoneNumber } from '@/lib/methods/phone/phone-number';
import { readArguments, UsageError } from '@/scripts/command';

export const USAGE = `Usage: npm run -s doctor -- [--json] [--env-file FILE] [--webhook] [--send NUMBER [--channel sms|voice] [--yes]]

Checks this configuration: the variables, Infobip's account, application and templates, Redis, and the server's own
settings. It changes nothing, and sends a message only with --send.

  --json           Prints one JSON array on standard output: { "check", "status", "finding", "remedy" }.
                   status is ok, warn, fail or skipped.
  --env-file FILE  Reads FILE instead of the env files that the server reads (.env.production.local, .env.local,
                   .env.production, .env). The environment wins in both cases.
  --webhook        After the checks, sends a signed test event to WEBHOOK_URL, and says what the receiver answered.
  --send NUMBER    After the checks, if none failed, sends a real code to NUMBER (like +14155552671) at the usual
                   price of a message; asks for the code on standard input, and verifies it.
  --channel NAME   How to send the code: sms (default) or voice.
  --yes            Sends without asking first. Required without a terminal.
  --help           Prints this.

-s keeps npm's own lines off standard output. Put -- before the options, or npm takes them as its own.
docs/doctor.md describes each check.

Exit codes: 0 nothing has to be fixed, 1 something has to be fixed, 2 the command line is wrong.`;

/** The message to send. */
export interface SendOptions {
  /** E.164. */
  readonly phoneNumber: string;
  readonly channel: Channel;
  /** Sends without asking first. */
  readonly yes: boolean;
}

export interface Options {
  readonly help: boolean;
  readonly json: boolean;
  readonly envFile: string | undefined;
  /** Sends a test event. */
  readonly webhook: boolean;
  readonly send: SendOptions | undefined;
}

const OPTIONS = {
  help: { type: 'boolean' },
  json: { type: 'boolean' },
  'env-file': { type: 'string' },
  webhook: { type: 'boolean' },
  send: { type: 'string' },
  channel: { type: 'string' },
  yes: { type: 'boolean' },
} as const;

function numberOf(text: string): string {
  try {
    return parsePhoneNumber(text).e164;
  } catch {
    throw new UsageError('--send needs a phone number with a plus and the country code, like +14155552671.');
  }
}

/**
 * @param isTerminal whether there is a person to ask
 * @throws {UsageError}
 */
export function optionsFrom(argv: readonly string[], env: NodeJS.ProcessEnv, isTerminal: boolean): Options {
  const values = readArguments(argv, OPTIONS, { name: 'doctor', usage: USAGE }, env);
  const {
    help = false,
    json = false,
    yes = false,
    webhook = false,
    'env-file': envFile,
    send,
    channel = 'sms',
  } = values;
  const plain = { help, json, envFile, webhook };
  if (help) return { ...plain, send: undefined };
  if (channel !== 'sms' && channel !== 'voice') throw new UsageError('--channel must be sms or voice.');
  if (send === undefined) {
    if (yes || argv.some((word) => word.startsWith('--channel')))
      throw new UsageError('--channel and --yes only work with --send.');
    return { ...plain, send: undefined };
  }
  const phoneNumber = numberOf(send);
  if (!yes && !isTerminal) throw new UsageError('--send needs --yes when there is no terminal.');
  return { ...plain, send: { phoneNumber, channel, yes } };
}
