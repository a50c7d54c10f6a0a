/** `npm run doctor`: checks a configuration for common problems, and says what to do about each. */
import { loadConfig } from '@/lib/config/config';
import { isFactorsOn } from '@/lib/config/environment';
import { endWith, UsageError } from './command';
import { CHECKS, diagnose } from './doctor/checks';
import { type Options, optionsFrom, USAGE } from './doctor/command-line';
import { type Context, createContext } from './doctor/context';
import { type Environment, readEnvironment } from './doctor/environment-files';
import { type Finding, skipped } from './doctor/finding';
import { personAtInput } from './doctor/person';
import { clean, render, summarize } from './doctor/report';
import { isLocal } from './doctor/server-checks';
import { testSend } from './doctor/test-send';
import { testWebhook } from './doctor/test-webhook';

const LIST = new Intl.ListFormat('en-US');

/** A connection that hangs must not keep the process alive after the report. */
const END_WITHIN_MS = 1000;

function read({ envFile }: Options): Environment {
  try {
    return readEnvironment(envFile);
  } catch (error) {
    const { code = 'unreadable' } = error as { code?: string };
    throw new UsageError(`--env-file: ${envFile ?? ''} cannot be read (${code}).`);
  }
}

function introduce({ files, settings, given }: Context, { send, webhook }: Options): void {
  const sources = ['the environment', ...files.map(({ name }) => name)].join(', then ');
  const asked = [
    ...(settings.INFOBIP_BASE_URL === undefined ? [] : [settings.INFOBIP_BASE_URL]),
    ...(given.REDIS_URL && settings.REDIS_URL ? ['Redis'] : []),
    ...(isFactorsOn(given) ? ['the database of factors'] : []),
  ];
  const targets = asked.length > 0 ? `Queries ${LIST.format(asked)}.` : 'There is nothing to query.';
  const ends = [
    ...(webhook ? ['Then sends a test event to WEBHOOK_URL.'] : []),
    send ? 'Then sends one message, if nothing fails.' : 'Changes nothing, and sends no message.',
  ];
  process.stderr.write(`Reads ${sources}. ${targets}\nRuns ${CHECKS.length} checks. ${ends.join(' ')}\n\n`);
}

/**
 * These checks fail against the simulator if APP_ORIGIN is public, as they should. But a message to the simulator costs
 * nothing, so such a failure does not stop the test message.
 */
const HARMLESS_ON_THIS_MACHINE: ReadonlySet<string> = new Set(['simulator-leftovers', 'templates']);

function stopsSending({ check, status }: Finding, { settings }: Context): boolean {
  const isHarmless = isLocal(settings.INFOBIP_BASE_URL ?? '') && HARMLESS_ON_THIS_MACHINE.has(check);
  return status === 'fail' && !isHarmless;
}

/** Sends the requested message if everything else is fine. */
async function runTestSend(
  { send }: Options,
  context: Context,
  findings: readonly Finding[],
): Promise<readonly Finding[]> {
  if (send === undefined) return [];
  if (findings.some((finding) => stopsSending(finding, context))) {
    const because = skipped('Nothing is sent until you fix what fails.');
    return ['send', 'verification'].map((check) => ({ check, ...because }));
  }
  const person = personAtInput();
  try {
    return await testSend(send, loadConfig(context.env), person);
  } finally {
    person.leave();
  }
}

/** Sends the requested test event, whatever else is wrong. */
async function runTestWebhook({ webhook }: Options, { settings }: Context): Promise<readonly Finding[]> {
  return webhook ? [{ check: 'webhook', ...(await testWebhook(settings)) }] : [];
}

async function main(argv: readonly string[]): Promise<number> {
  const options = optionsFrom(argv, process.env, process.stdin.isTTY === true);
  if (options.help) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  const context = createContext(read(options));
  introduce(context, options);
  const inColor = process.stdout.isTTY === true && !process.env.NO_COLOR;
  /** For people, prints at once what is already known. */
  const tell = (some: readonly Finding[]) => {
    const findings = clean(some, context.env);
    if (!options.json) process.stdout.write(render(findings, inColor));
    return findings;
  };
  const found = tell(await diagnose(context));
  const findings = [
    ...found,
    ...tell(await runTestWebhook(options, context)),
    ...tell(await runTestSend(options, context, found)),
  ];
  process.stdout.write(options.json ? `${JSON.stringify(findings, null, 2)}\n` : summarize(findings));
  return findings.some(({ status }) => status === 'fail') ? 1 : 0;
}

main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
  setTimeout(() => process.exit(), END_WITHIN_MS).unref();
}, endWith);
