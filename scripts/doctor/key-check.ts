import type { AccountFailure } from '@/lib/infobip/account';
import type { Check, Context } from './context';
import { fail, type Judgement, ok, skipped, warn } from './finding';
import { isAbsent } from './infobip';

const NEW_KEY = "create an API key with the scope 2fa:pin:send in Infobip's portal";

/** Says why Infobip refused the first call. */
function judgeRefusedKey(failure: AccountFailure): Judgement {
  if (failure.status === 401)
    return fail(
      'Infobip refuses INFOBIP_API_KEY (401): it is wrong, has expired, or belongs to another account.',
      `Copy it again, without "App ", or ${NEW_KEY}, in the account of INFOBIP_BASE_URL.`,
    );
  if (failure.status === 403)
    return fail(
      "INFOBIP_API_KEY may not send codes (403): the scope 2fa:pin:send is missing, or the key's list of allowed IP addresses lacks this one.",
      `To fix both: ${NEW_KEY}, and allow the server's outgoing addresses.`,
    );
  if (failure.status === 429)
    return warn(
      'The doctor could not check INFOBIP_API_KEY: Infobip received too many requests (429).',
      'Try again in a minute.',
    );
  return skipped('The doctor could not check INFOBIP_API_KEY: see infobip-reachable.');
}

/** A call that failed for another reason than 403 does not show what the key may do. */
function judgeUnread({ status, detail, fault }: AccountFailure): Judgement {
  if (status === 403) return ok('INFOBIP_API_KEY may send and verify codes, but not read applications.');
  const reason = status === undefined ? fault : `${status}${detail === undefined ? ", not in Infobip's form" : ''}`;
  return skipped(
    `INFOBIP_API_KEY may send and verify codes. The doctor could not find out whether it may do more, because it could not read applications (${reason}).`,
    'Try again in a moment.',
  );
}

/** A key that can also read applications could change them, and so could anyone who steals it. */
async function judgeScopes({ infobip }: Context): Promise<Judgement> {
  const application = await infobip.application();
  const read = 'value' in application ? application : await infobip.applications();
  if ('skipped' in read) return read.skipped;
  if (read.value.kind === 'failed' && !isAbsent(read.value)) return judgeUnread(read.value);
  return warn(
    'INFOBIP_API_KEY may send codes and also manage applications, which the server does not need.',
    `For production: ${NEW_KEY} and no other scope.`,
  );
}

async function judgeKey(context: Context): Promise<readonly Judgement[]> {
  if (context.settings.INFOBIP_API_KEY === undefined) return [skipped('INFOBIP_API_KEY is not usable: see variables.')];
  const probed = await context.infobip.probe();
  if ('skipped' in probed) return [probed.skipped];
  const { result } = probed.value;
  return [result.kind === 'failed' ? judgeRefusedKey(result) : await judgeScopes(context)];
}

export const KEY_CHECK: Check = { check: 'api-key', run: judgeKey };
