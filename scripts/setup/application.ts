import type { Application, ApplicationConfiguration } from '@/lib/infobip/account';
import { CommandError } from '@/scripts/command';
import { durationMs, perDay, rateOf } from '@/scripts/infobip-notation';

/** A setting that is not as it should be. */
export interface Change {
  readonly setting: string;
  readonly from: string;
  readonly to: string;
}

type Setting = ApplicationConfiguration[keyof ApplicationConfiguration];

/** A limit or a duration in figures: Infobip may write `300s` for `5m`. */
function figures(text: string): string | undefined {
  const rate = rateOf(text);
  return rate ? `${rate.points}/${rate.windowMs}` : durationMs(text)?.toString();
}

function isSame(found: Setting | undefined, wanted: Setting): boolean {
  if (typeof found !== 'string' || typeof wanted !== 'string') return found === wanted;
  return found === wanted || figures(found) === (figures(wanted) ?? wanted);
}

/** Whether a limit lets no more through in a day than another one. */
function isStricter(found: string, wanted: string): boolean {
  const [one, other] = [rateOf(found), rateOf(wanted)];
  return one !== undefined && other !== undefined && perDay(one) <= perDay(other);
}

/** The settings wanted; a ceiling for the whole application that somebody set lower stays. */
export function settingsFor(
  found: Application | undefined,
  wanted: ApplicationConfiguration,
): ApplicationConfiguration {
  const ceiling = found?.configuration.sendPinPerApplicationLimit;
  const stays = ceiling !== undefined && isStricter(ceiling, wanted.sendPinPerApplicationLimit);
  return stays ? { ...wanted, sendPinPerApplicationLimit: ceiling } : wanted;
}

/** What Infobip says goes to a terminal. */
export const printable = (value: Setting | undefined): string =>
  String(value ?? 'unknown').replace(/[^\x20-\x7e]/g, '?');

/** The settings in which an application is not as it should be. One that is disabled may be so on purpose. */
export function changesTo({ configuration }: Application, wanted: ApplicationConfiguration): Change[] {
  const settings = Object.keys(wanted) as (keyof ApplicationConfiguration)[];
  return settings
    .filter((setting) => !isSame(configuration[setting], wanted[setting]))
    .map((setting) => ({ setting, from: printable(configuration[setting]), to: printable(wanted[setting]) }));
}

/**
 * The application of that name.
 * @param idInFile tells which one, where several have it
 * @throws {CommandError} where that does not tell
 */
export function findApplication(
  all: readonly Application[],
  name: string,
  idInFile: string | undefined,
): Application | undefined {
  const named = all.filter((one) => one.name === name);
  if (named.length < 2) return named[0];
  const meant = named.find(({ applicationId }) => applicationId === idInFile);
  if (meant) return meant;
  throw new CommandError(
    `Infobip has ${named.length} applications with the name "${name}": ${named.map((one) => one.applicationId).join(', ')}.
Give another name with --name, or put the id of the right one into the env file as INFOBIP_2FA_APP_ID.`,
  );
}
