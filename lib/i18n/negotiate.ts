import { isSupportedCountry } from 'libphonenumber-js/max';
import { isLanguage, LANGUAGES, type Language } from './languages';

const ALL = Object.keys(LANGUAGES) as [Language, ...Language[]];

/** How much of the header to read. Browsers send a few dozen characters. */
const MAX_LENGTH = 1000;

const RANGE = /^(\*|[a-z]{1,8}(?:-[a-z0-9]{1,8})*)(?:[ \t]*;[ \t]*q=(0(?:\.\d*)?|1(?:\.0*)?))?$/i;

interface LanguageRange {
  tag: string;
  quality: number;
}

/** The page's language for an Accept-Language header (RFC 9110, 12.5.4). Regions and scripts make no difference. */
export function negotiateLanguage(acceptLanguage: string | undefined): Language {
  const ranges = readRanges(acceptLanguage);
  const best = new Map<Language, number>();
  for (const { tag, quality } of ranges) {
    const language = primaryOf(tag);
    if (isLanguage(language) && !best.has(language)) best.set(language, quality);
  }
  for (const { tag, quality } of ranges) {
    if (quality === 0) break;
    // An asterisk stands for the languages that are not named.
    const language = tag === '*' ? ALL.find((one) => !best.has(one)) : primaryOf(tag);
    if (isLanguage(language)) return language;
  }
  return ALL.find((language) => best.get(language) !== 0) ?? ALL[0];
}

/**
 * The country (ISO 3166-1 alpha-2) that the person is probably in: the first region that comes with their preferred
 * language, otherwise the country where most of its speakers live. If a language suggests no country (`es-419`), the
 * next one decides.
 */
export function guessCountry(acceptLanguage: string | undefined): string | undefined {
  const regions = new Map<string, { named: (string | undefined)[]; likely: string | undefined }>();
  for (const { tag, quality } of readRanges(acceptLanguage)) {
    const locale = quality > 0 && readLocale(tag);
    if (!locale) continue;
    const known = regions.get(locale.language);
    if (known) known.named.push(locale.region);
    else regions.set(locale.language, { named: [locale.region], likely: locale.maximize().region });
  }
  for (const { named, likely } of regions.values()) {
    const country = [...named, likely].find(isCountry);
    if (country) return country;
  }
  return undefined;
}

/** The languages that the header asks for, best first. Ignores malformed entries. */
function readRanges(header = ''): LanguageRange[] {
  const end = header.length > MAX_LENGTH ? Math.max(header.lastIndexOf(',', MAX_LENGTH), 0) : header.length;
  return header
    .slice(0, end)
    .split(',')
    .flatMap((part) => {
      const [, tag, quality = '1'] = RANGE.exec(part.trim()) ?? [];
      return tag ? [{ tag, quality: Number(quality) }] : [];
    })
    .sort((a, b) => b.quality - a.quality);
}

const primaryOf = (tag: string): string => tag.toLowerCase().replace(/-.*/, '');

/** Undefined for an asterisk, and for tags that look like a language but are not one: `x-y`, `und`. */
function readLocale(tag: string): Intl.Locale | undefined {
  try {
    return /^und\b/i.test(tag) ? undefined : new Intl.Locale(tag);
  } catch {
    return undefined;
  }
}

const isCountry = (region: string | undefined): region is string => region !== undefined && isSupportedCountry(region);
