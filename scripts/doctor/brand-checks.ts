import { existsSync } from 'node:fs';
import { ConfigError } from '@/lib/config/config';
import { readLogo } from '@/lib/http/logo';
import type { Check, Context } from './context';
import { fail, type Judgement, ok, skipped } from './finding';

const VARIABLES = ['BRAND_NAME', 'BRAND_LOGO', 'BRAND_COLOR'] as const;

function judgeBrand({ settings: { BRAND_LOGO: logo }, given, isFaulty }: Context): readonly Judgement[] {
  const faulty = VARIABLES.filter((name) => isFaulty(name));
  if (faulty.length > 0) return faulty.map((name) => skipped(`${name} is not usable: see variables.`));
  // A container image with only the commands has no public/.
  if (logo && 'file' in logo && !existsSync('public'))
    return [skipped('BRAND_LOGO is not checked: there is no folder public/ here.')];
  try {
    readLogo(logo);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const [, finding = '', remedy = ''] = /^(.*?\.)\s+([A-Z].*)$/.exec(error.faults[0] ?? '') ?? [];
    return [fail(finding, remedy)];
  }
  const set = VARIABLES.filter((name) => given[name]);
  return [ok(set.length > 0 ? `Set and usable: ${set.join(', ')}.` : 'The page shows no brand.')];
}

export const BRAND_CHECKS: readonly Check[] = [{ check: 'brand', run: judgeBrand }];
