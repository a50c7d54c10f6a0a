/** `npm run guard`: shows which messages the guard against SMS pumping refuses, lifts that, and blocks numbers. */
import { createBlockedNumbers } from '@/lib/store/redis/blocked-numbers';
import { readGuardData } from '@/lib/store/redis/guard-data';
import { endWith } from './command';
import { block, unblock } from './guard/block';
import { type CommandLine, readCommandLine, USAGE } from './guard/command-line';
import { liftOf, type Outcome } from './guard/lift';
import { entriesFrom, wholeNumberFrom } from './guard/number-words';
import { renderStatus } from './guard/render-status';
import { type GuardSettings, guardSettings } from './guard/settings';
import { statusOf } from './guard/status';
import { inRedis, type Workplace } from './operator';

async function showStatus({ stores: { redis }, privacy }: Workplace, settings: GuardSettings): Promise<Outcome> {
  const blocked = createBlockedNumbers(redis, privacy);
  const [data, entries] = await Promise.all([readGuardData(redis), blocked.read()]);
  const status = statusOf(data, settings, entries, (entry) => wholeNumberFrom(entry) !== undefined);
  return { data: { ...status }, sentence: renderStatus(status) };
}

/** Reports mistakes in the arguments before it asks Redis. */
function actOf({ command, what }: CommandLine): (workplace: Workplace) => Promise<Outcome> {
  switch (command) {
    case 'status': {
      const settings = guardSettings();
      return (workplace) => showStatus(workplace, settings);
    }
    case 'lift':
      return liftOf(what, guardSettings());
    default: {
      const entries = entriesFrom(what);
      return (workplace) => (command === 'block' ? block(entries, workplace) : unblock(entries, workplace));
    }
  }
}

async function main(argv: readonly string[]): Promise<void> {
  const line = readCommandLine(argv);
  if (!line) return void process.stdout.write(`${USAGE}\n`);
  const said = await inRedis(
    async (workplace, act) => {
      const { data, sentence } = await act(workplace);
      return line.isJson ? JSON.stringify(data, null, 2) : sentence;
    },
    () => actOf(line),
  );
  process.stdout.write(`${said}\n`);
}

main(process.argv.slice(2)).catch(endWith);
