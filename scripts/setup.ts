/** `npm run setup`: creates the 2FA application and the templates at Infobip, and the env file that goes with them. */
import { present } from '@/lib/config/environment';
import { createAccount } from '@/lib/infobip/account';
import { CommandError, endWith, UsageError } from './command';
import { gatherAnswers } from './setup/answers';
import { applyPlan } from './setup/apply-plan';
import { describePlan, idVariables, isDone } from './setup/describe-plan';
import { type EnvFile, readEnvFile, tryWriting, writeEnvFile } from './setup/env-file';
import { lostInNode, readVariables, setVariables } from './setup/env-lines';
import { type Options, readOptions, USAGE } from './setup/options';
import { futureConfig, ownVariables, PENDING } from './setup/own-variables';
import { demandKey, makePlan, type Plan } from './setup/plan';
import { keyForFile } from './setup/server-key';
import { openTerminal, type Terminal } from './setup/terminal';
import { warningsAbout } from './setup/warnings';

const say = (text: string): void => void process.stdout.write(`${text}\n`);

const nextSteps = (file: string) => `
${file} is ready. Next:

  npm run doctor                # checks everything
  npm run build && npm start    # starts the app`;

const ABOUT_KEY = `
The file's INFOBIP_API_KEY is the key that you gave to this command. The app itself only needs the scope 2fa:pin:send: for production create
a key with only that scope, and put it there.`;

/**
 * Fails before anything is created if the env file could not hold a value.
 * @returns warnings about variables that commands on Node 20 would not find
 */
function tryEditing(file: EnvFile, plan: Plan): string[] {
  const ids = Object.entries(idVariables(plan)).map(([name, id]) => [name, id ?? PENDING]);
  const values = { ...plan.variables, ...Object.fromEntries(ids) };
  return lostInNode(setVariables(file.text, values), values).map(
    (name) =>
      `Commands on this version of Node.js will not find ${name}. Remove the spaces from the empty or indented lines before it.`,
  );
}

async function isAgreed({ yes }: Options, terminal: Terminal | undefined): Promise<boolean> {
  if (yes) return true;
  say('');
  const answer = await terminal?.ask('Continue? [y/N] ');
  return /^y(es)?$/i.test(answer ?? '');
}

async function setUp(options: Options, terminal: Terminal | undefined): Promise<void> {
  const file = readEnvFile(options['env-file']);
  const inFile = present(readVariables(file.text) as NodeJS.ProcessEnv);
  // The environment wins, as it does for the app.
  const known = present({ ...readVariables(file.text), ...process.env });
  const answers = await gatherAnswers(options, known, options.yes ? undefined : terminal);
  const own = ownVariables(answers, { ...inFile, ...known });
  const config = futureConfig(known, own);

  const account = createAccount(config.infobip);
  say(`Asking ${config.infobip.baseUrl} …`);
  await demandKey(account);
  const { apiKey, note } = await keyForFile(config.infobip, inFile.INFOBIP_API_KEY, known.INFOBIP_BASE_URL);
  const plan = await makePlan(account, answers, known, config, { ...own, INFOBIP_API_KEY: apiKey });
  const warnings = [...warningsAbout(plan, config, inFile), ...tryEditing(file, plan)];

  say(`\n${describePlan(plan, file)}`);
  if (note) say(note);
  for (const warning of warnings) say(`Warning: ${warning}`);
  if (options['dry-run']) return say('\nNothing was changed.');
  if (isDone(plan, file)) return say('\nThere is nothing to do.');
  if (!(await isAgreed(options, terminal))) throw new CommandError('Nothing was changed.');
  terminal?.close();
  say('');
  tryWriting(file);
  const values = await applyPlan(account, plan, say);
  writeEnvFile(file, (text) => setVariables(text, values));
  say(nextSteps(file.name));
  if (apiKey === answers.apiKey) say(ABOUT_KEY);
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (options.help) return say(USAGE);
  const terminal = openTerminal();
  if (!terminal && !options.yes && !options['dry-run'])
    throw new UsageError(
      'There is no terminal for questions: add --yes, or --dry-run to see what the command would do.',
    );
  try {
    await setUp(options, terminal);
  } finally {
    terminal?.close();
  }
}

main().catch(endWith);
