import { parseAllowed } from '@/lib/abuse/policies';
import type { Application, ApplicationConfiguration } from '@/lib/infobip/account';
import { Failed } from '@/scripts/command';

/** A setting that is not as it should be. */
export interface Change {
  readonly setting: string;
  readonly from: string;
  readonly to: string;
}

type Setting = ApplicationConfiguration[keyof ApplicationConfiguration];

/** A limit or a duration in figures: Infobip may write `300s` for `5m`. */
const figures = (text: string) => parseAllowed(text.includes('/') ? text : `1/${text}`);

function isSame(found: Setting | undefined, wanted: Setting): boolean {
  if (typeof found !== 'string' || typeof wanted !== 'string') return found === wanted;
  const [one, other] = [figures(found), figures(wanted)];
  if (!one || !other) return found === wanted;
  return one.points === other.points && one.windowMs === other.windowMs;
}

/** Whether a limit lets no more through than another one. */
function isStricter(found: string | undefined, wanted: string): boolean {
  const [one, other] = [figures(found ?? ''), figures(wanted)];
  return one !== undefined && other !== undefined && one.points <= other.points && one.windowMs >= other.windowMs;
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
const printable = (value: Setting | undefined) => String(value ?? 'unknown').replace(/[^\x20-\x7e]/g, '?');

/** The settings in which an application is not as it should be. */
export function changesTo({ enabled, configuration }: Application, wanted: ApplicationConfiguration): Change[] {
  const settings = Object.keys(wanted) as (keyof ApplicationConfiguration)[];
  const changes = settings
    .filter((setting) => !isSame(configuration[setting], wanted[setting]))
    .map((setting) => ({ setting, from: printable(configuration[setting]), to: printable(wanted[setting]) }));
  return enabled ? changes : [{ setting: 'enabled', from: 'false', to: 'true' }, ...changes];
}

/**
 * The application of that name.
 * @param idInFile tells which one, where several have it
 * @throws {Failed} where that does not tell
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
  throw new Failed(
    `Infobip has ${named.length} applications with the name "${name}": ${named.map((one) => one.applicationId).join(', ')}.
Give another name with --name, or put the id of the right one into the env file as INFOBIP_2FA_APP_ID.`,
  );
}
