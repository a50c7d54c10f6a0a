import type { AccountFailure } from '@/lib/infobip/account';
import type { Check, Context } from './context';
import { fail, type Judgement, ok, skipped, warn } from './finding';
import { isAbsent } from './infobip';

const NEW_KEY = "make an API key with the scope 2fa:pin:send in Infobip's portal";

/** What Infobip's no to the first call says of the key. */
function judgeRefusedKey(failure: AccountFailure): Judgement {
  if (failure.status === 401)
    return fail(
      'INFOBIP_API_KEY is not accepted (401): it is wrong, has expired, or is of another account.',
      `Copy it again, without "App ", or ${NEW_KEY}, in the account that INFOBIP_BASE_URL is of.`,
    );
  if (failure.status === 403)
    return fail(
      'INFOBIP_API_KEY may not send codes (403): the scope 2fa:pin:send is missing, or its list of allowed IP addresses is without this one.',
      `For all of it: ${NEW_KEY}, and allow the addresses that the server comes from.`,
    );
  if (failure.status === 429)
    return warn('INFOBIP_API_KEY could not be checked: Infobip is asked too often (429).', 'Try again in a minute.');
  return skipped('INFOBIP_API_KEY could not be checked: see infobip-reachable.');
}

/** Not known is not the same as no. */
function judgeUnread({ status, detail, fault }: AccountFailure): Judgement {
  if (status === 403) return ok('INFOBIP_API_KEY may send and verify codes, and not read applications.');
  const reason = status === undefined ? fault : `${status}${detail === undefined ? ", not in Infobip's form" : ''}`;
  return skipped(
    `INFOBIP_API_KEY may send and verify codes. Whether it may do more is not known: applications could not be read (${reason}).`,
    'Try again in a moment.',
  );
}

/** A key that can also read applications could change them: who steals it could do so, too. */
async function judgeScopes({ infobip }: Context): Promise<Judgement> {
  const application = await infobip.application();
  const read = 'value' in application ? application : await infobip.applications();
  if ('skipped' in read) return read.skipped;
  if (read.value.kind === 'failed' && !isAbsent(read.value)) return judgeUnread(read.value);
  return warn(
    'INFOBIP_API_KEY may send codes, and manage applications as well, which the server does not need.',
    `For production: ${NEW_KEY} and no other.`,
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
