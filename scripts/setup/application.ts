import type { Application, ApplicationConfiguration } from '@/lib/infobip/account';
import { CommandError } from '@/scripts/command';
import { durationMs, perDay, rateOf } from '@/scripts/infobip-notation';

/** A setting that differs from the wanted one. */
export interface Change {
  readonly setting: string;
  readonly from: string;
  readonly to: string;
}

type Setting = ApplicationConfiguration[keyof ApplicationConfiguration];

/** A limit or a duration in a form that can be compared: Infobip may write `300s` for `5m`. */
function figures(text: string): string | undefined {
  const rate = rateOf(text);
  return rate ? `${rate.points}/${rate.windowMs}` : durationMs(text)?.toString();
}

function isSame(found: Setting | undefined, wanted: Setting): boolean {
  if (typeof found !== 'string' || typeof wanted !== 'string') return found === wanted;
  return found === wanted || figures(found) === (figures(wanted) ?? wanted);
}

/** Whether a limit allows no more in a day than another one. */
function isStricter(found: string, wanted: string): boolean {
  const [one, other] = [rateOf(found), rateOf(wanted)];
  return one !== undefined && other !== undefined && perDay(one) <= perDay(other);
}

/** The wanted settings. If somebody set a lower ceiling for the whole application, it stays. */
export function settingsFor(
  found: Application | undefined,
  wanted: ApplicationConfiguration,
): ApplicationConfiguration {
  const ceiling = found?.configuration.sendPinPerApplicationLimit;
  const stays = ceiling !== undefined && isStricter(ceiling, wanted.sendPinPerApplicationLimit);
  return stays ? { ...wanted, sendPinPerApplicationLimit: ceiling } : wanted;
}

/** Infobip's values end up on a terminal, so this replaces everything but printable ASCII. */
export const printable = (value: Setting | undefined): string =>
  String(value ?? 'unknown').replace(/[^\x20-\x7e]/g, '?');

/**
 * The settings of an application that differ from the wanted ones. Whether it is enabled does not count, because
 * somebody may have disabled it on purpose.
 */
export function changesTo({ configuration }: Application, wanted: ApplicationConfiguration): Change[] {
  const settings = Object.keys(wanted) as (keyof ApplicationConfiguration)[];
  return settings
    .filter((setting) => !isSame(configuration[setting], wanted[setting]))
    .map((setting) => ({ setting, from: printable(configuration[setting]), to: printable(wanted[setting]) }));
}

/**
 * The application with that name.
 * @param idInFile selects one if several have the name
 * @throws {CommandError} if that does not select one
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
Give another name with --name, or set INFOBIP_2FA_APP_ID in the env file to the id of the right one.`,
  );
}
