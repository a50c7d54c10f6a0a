import type { AccountFailure, ApplicationConfiguration } from '@/lib/infobip/account';
import { applicationSettings, MAX_PIN_TTL_SECONDS } from '@/lib/infobip/application-settings';
import { POLICIES, parseAllowed } from '@/lib/limits/policies';
import { durationMs, perDay, rateOf } from '@/scripts/infobip-notation';
import type { Check, Context } from './context';
import { fail, type Judgement, ok, orOk, skipped, warn } from './finding';
import { isAbsent, WITH_ANOTHER_KEY } from './infobip';
import { mostWithin } from './most-messages';

/** Infobip's defaults for settings that an application lacks, from its schema ApplicationConfiguration. */
const INFOBIPS_DEFAULTS: ApplicationConfiguration = {
  pinAttempts: 10,
  allowMultiplePinVerifications: true,
  pinTimeToLive: '15m',
  verifyPinLimit: '1/3s',
  sendPinPerApplicationLimit: '10000/1d',
  sendPinPerPhoneNumberLimit: '3/1d',
};

/** A limit above this many messages a day hardly protects anybody. */
const MANY_A_DAY = 100_000;
/** How soon after a wrong code people may enter the corrected one. */
const CORRECTION_MS = 1500;

/** With a key that may only send, the doctor can learn whether the application exists, and nothing else about it. */
async function judgeUnreadable({ settings, infobip }: Context): Promise<Judgement> {
  const probed = await infobip.applicationProbe();
  if ('value' in probed && probed.value.kind === 'failed' && isAbsent(probed.value))
    return fail(
      `INFOBIP_2FA_APP_ID: the account has no application ${settings.INFOBIP_2FA_APP_ID} (404).`,
      'Copy the id from the portal, or create an application with npm run setup.',
    );
  return skipped(
    'INFOBIP_API_KEY may not read applications, which is right, so the doctor does not know whether this one is enabled.',
    `${WITH_ANOTHER_KEY} Or send yourself a code: npm run doctor -- --send +14155552671`,
  );
}

async function judgeNoApplication(context: Context, { status, detail, fault }: AccountFailure): Promise<Judgement> {
  const { INFOBIP_2FA_APP_ID: id } = context.settings;
  if (status === 403) return judgeUnreadable(context);
  if (status === 404) {
    const listed = await context.infobip.applications();
    const all = 'value' in listed && listed.value.kind === 'ok' ? listed.value.value : [];
    const others = all.map((one) => `${one.name} (${one.applicationId})`);
    const known = others.length > 0 ? ` It has: ${others.slice(0, 5).join(', ')}.` : '';
    return fail(
      `INFOBIP_2FA_APP_ID: the account has no application ${id} (404).`,
      `Copy the id of an application of this account, or create one.${known}`,
    );
  }
  const reason = status === undefined ? fault : `${status}${detail ? `, ${detail}` : ''}`;
  return fail(`INFOBIP_2FA_APP_ID: the doctor could not read the application (${reason}).`, 'Try again in a moment.');
}

async function judgeApplication(context: Context): Promise<readonly Judgement[]> {
  const found = await context.infobip.application();
  if ('skipped' in found) return [found.skipped];
  if (found.value.kind === 'failed') return [await judgeNoApplication(context, found.value)];
  const { name, enabled } = found.value.value;
  return [
    enabled
      ? ok(`The application "${name}" exists and is enabled.`)
      : fail(
          `INFOBIP_2FA_APP_ID: the application "${name}" is disabled (enabled is false).`,
          "Enable it in Infobip's portal.",
        ),
  ];
}

type Field = keyof ApplicationConfiguration;
/** Checks one field. Returns undefined if it is fine. */
type Rule<F extends Field> = (value: ApplicationConfiguration[F], context: Context) => Judgement | undefined;

/** The settings that this configuration needs, with defaults in place of unusable values. */
function wantedBy({ settings }: Context): ApplicationConfiguration {
  const { PIN_LENGTH: length = 6, PIN_TTL_SECONDS: ttlSeconds = 300, MAX_PIN_ATTEMPTS: maxAttempts = 5 } = settings;
  const name = 'LIMIT_SEND_PER_NUMBER';
  const policy = POLICIES[name];
  const allowed = settings[name] ?? policy.allowed;
  const rate = parseAllowed(allowed) ?? { points: 0, windowMs: 0 };
  return applicationSettings({
    pin: { length, ttlSeconds, maxAttempts },
    limits: [{ name, ...policy, ...rate, allowed }],
  });
}

const remedyFor = (field: Field, context: Context) =>
  `Set ${field} of the application to ${String(wantedBy(context)[field])}.`;

const judgeAttempts: Rule<'pinAttempts'> = (value, context) => {
  const { MAX_PIN_ATTEMPTS: ours } = context.settings;
  if (ours === undefined) return skipped('pinAttempts: MAX_PIN_ATTEMPTS is not usable.');
  if (value === ours) return undefined;
  return fail(`pinAttempts is ${value}, and MAX_PIN_ATTEMPTS is ${ours}.`, remedyFor('pinAttempts', context));
};

const judgeLifetime: Rule<'pinTimeToLive'> = (value, context) => {
  const { PIN_TTL_SECONDS: ours } = context.settings;
  const ms = durationMs(value);
  const remedy = remedyFor('pinTimeToLive', context);
  if (ms === undefined) return fail(`pinTimeToLive is ${value}, which is not a duration.`, remedy);
  if (ms > MAX_PIN_TTL_SECONDS * 1000)
    return fail(`pinTimeToLive is ${value}: codes must expire after 10 minutes at most (PIN_TTL_SECONDS).`, remedy);
  if (ours === undefined) return skipped('pinTimeToLive: PIN_TTL_SECONDS is not usable.');
  if (ms === ours * 1000) return undefined;
  return fail(`pinTimeToLive is ${value}, and PIN_TTL_SECONDS is ${ours}.`, remedy);
};

const judgeReuse: Rule<'allowMultiplePinVerifications'> = (value, context) =>
  value
    ? fail(
        'allowMultiplePinVerifications is true: a code works more than once.',
        remedyFor('allowMultiplePinVerifications', context),
      )
    : undefined;

const judgeNumberLimit: Rule<'sendPinPerPhoneNumberLimit'> = (value, context) => {
  const { LIMIT_SEND_PER_NUMBER: allowed, RESEND_COOLDOWN_SECONDS: cooldowns = [0] } = context.settings;
  const ours = parseAllowed(allowed ?? '');
  if (!ours) return skipped('sendPinPerPhoneNumberLimit: LIMIT_SEND_PER_NUMBER is not usable.');
  const theirs = rateOf(value);
  if (theirs && theirs.points >= mostWithin(theirs.windowMs, ours, cooldowns)) return undefined;
  return warn(
    `sendPinPerPhoneNumberLimit is ${value}: Infobip refuses messages that LIMIT_SEND_PER_NUMBER (${allowed}) allows.`,
    `${remedyFor('sendPinPerPhoneNumberLimit', context)} Or lower LIMIT_SEND_PER_NUMBER.`,
  );
};

const judgeVerifyLimit: Rule<'verifyPinLimit'> = (value, context) => {
  const rate = rateOf(value);
  if (rate && rate.windowMs / rate.points <= CORRECTION_MS) return undefined;
  return warn(
    `verifyPinLimit is ${value}: people who correct a code quickly have to wait.`,
    remedyFor('verifyPinLimit', context),
  );
};

const judgeApplicationLimit: Rule<'sendPinPerApplicationLimit'> = (value, context) => {
  const rate = rateOf(value);
  if (rate && perDay(rate) <= MANY_A_DAY) return undefined;
  return warn(
    `sendPinPerApplicationLimit is ${value}, which does not stop abuse at your expense.`,
    `${remedyFor('sendPinPerApplicationLimit', context)} Or to what you are willing to pay for in a day.`,
  );
};

const RULES: { readonly [F in Field]: Rule<F> } = {
  pinAttempts: judgeAttempts,
  pinTimeToLive: judgeLifetime,
  allowMultiplePinVerifications: judgeReuse,
  sendPinPerPhoneNumberLimit: judgeNumberLimit,
  verifyPinLimit: judgeVerifyLimit,
  sendPinPerApplicationLimit: judgeApplicationLimit,
};

function judgeField<F extends Field>(field: F, value: ApplicationConfiguration[F] | undefined, context: Context) {
  if (value !== undefined) return RULES[field](value, context);
  if (field === 'sendPinPerApplicationLimit') return warn(`${field} is not set.`, remedyFor(field, context));
  const judged = RULES[field](INFOBIPS_DEFAULTS[field], context);
  return judged && { ...judged, finding: `Not set, so Infobip's default applies: ${judged.finding}` };
}

async function judgeSettings(context: Context): Promise<readonly Judgement[]> {
  const found = await context.infobip.application();
  if ('skipped' in found) return [found.skipped];
  if (found.value.kind === 'failed') return [skipped('The doctor could not read the application: see application.')];
  const { configuration } = found.value.value;
  const judged = (Object.keys(RULES) as Field[]).map((field) => judgeField(field, configuration[field], context));
  return orOk(
    judged.filter((one) => one !== undefined),
    'The application has the settings that this configuration needs.',
  );
}

export const APPLICATION_CHECKS: readonly Check[] = [
  { check: 'application', run: judgeApplication },
  { check: 'application-settings', run: judgeSettings },
];
