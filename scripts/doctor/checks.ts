import { APPLICATION_CHECKS } from './application-checks';
import { BRAND_CHECKS } from './brand-checks';
import { CLIENT_CHECK } from './client-checks';
import type { Check, Context } from './context';
import { FACTOR_CHECKS } from './factor-checks';
import { type Finding, fail, type Judgement } from './finding';
import { GUARD_CHECKS } from './guard-checks';
import { KEY_CHECK } from './key-check';
import { LIMIT_CHECKS } from './limit-checks';
import { REACH_CHECKS } from './reach-checks';
import { REDIS_CHECKS } from './redis-checks';
import { SENDER_CHECKS } from './sender-checks';
import { SERVER_CHECKS } from './server-checks';
import { TEMPLATE_CHECK } from './template-checks';
import { VARIABLE_CHECKS } from './variable-checks';

/** All checks, in the order of the report. */
export const CHECKS: readonly Check[] = [
  ...VARIABLE_CHECKS,
  ...REACH_CHECKS,
  KEY_CHECK,
  ...APPLICATION_CHECKS,
  TEMPLATE_CHECK,
  ...SENDER_CHECKS,
  ...REDIS_CHECKS,
  ...FACTOR_CHECKS,
  ...SERVER_CHECKS,
  CLIENT_CHECK,
  ...BRAND_CHECKS,
  ...LIMIT_CHECKS,
  ...GUARD_CHECKS,
];

/** A check that crashes must not stop the report of the others. */
async function runOne({ run }: Check, context: Context): Promise<readonly Judgement[]> {
  try {
    return await run(context);
  } catch (error) {
    const name = error instanceof Error ? error.name : 'unknown';
    return [fail(`This check crashed (${name}).`, 'Please report it, with the version of this project.')];
  }
}

/** Runs all checks at once. */
export async function diagnose(context: Context): Promise<readonly Finding[]> {
  const results = await Promise.all(
    CHECKS.map(async (one) => ({ check: one.check, judgements: await runOne(one, context) })),
  );
  return results.flatMap(({ check, judgements }) => judgements.map((judgement) => ({ check, ...judgement })));
}
