import { readFileSync } from 'node:fs';
import path from 'node:path';
import { IMAGES, type LogoSource } from '@/lib/config/brand-logo';
import { ConfigError } from '@/lib/config/config';

const MAX_KILOBYTES = 64;

/** An image, ready to be sent. */
export interface Logo {
  readonly type: string;
  readonly bytes: Buffer;
}

type Fail = (rest: string) => never;

function readPublicFile(file: string, fail: Fail): Buffer {
  try {
    return readFileSync(path.join(/* turbopackIgnore: true */ process.cwd(), 'public', file));
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    return fail(`cannot be read (${code}). Put the file into public/, and give its name.`);
  }
}

/**
 * Reads a logo.
 * @param source undefined for none
 * @param variable its name, with which the message of a fault begins
 * @throws {ConfigError} if there is no such file, if it is too large, or if it is not an image of its kind
 */
export function readLogo(source: LogoSource | undefined, variable = 'BRAND_LOGO'): Logo | undefined {
  if (source === undefined) return undefined;
  const fail: Fail = (rest) => {
    throw new ConfigError([`${variable} ${rest}`]);
  };
  const { type, begins } = IMAGES[source.ending];
  const bytes = 'file' in source ? readPublicFile(source.file, fail) : Buffer.from(source.base64, 'base64');
  if (bytes.length > MAX_KILOBYTES * 1024)
    fail(`is ${Math.ceil(bytes.length / 1024)} kB. Make it smaller than ${MAX_KILOBYTES} kB, or use an SVG.`);
  if (!begins.test(bytes.toString('latin1', 0, 1024)))
    fail(`is not an image of the type ${type}. Save it in that format, or rename it to match its own.`);
  return { type, bytes };
}
