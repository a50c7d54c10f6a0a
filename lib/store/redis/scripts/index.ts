import { COMMIT_MESSAGE, COMMIT_SUCCESS, REFILL } from './commit';
import { ADMIT_LOGIN, CONSUME_OPENID, PUT_OPENID } from './openid';
import { RELEASE } from './release';
import { RESERVE } from './reserve';
import { OPEN_SESSION } from './sessions';
import { CREATE, FIND, REKEY, REPLACE_CHALLENGE, SETTLE_ATTEMPT, STANDING } from './verifications';
import { ADD_WEBHOOK, CLAIM_WEBHOOKS, SETTLE_WEBHOOK } from './webhooks';

/** Scripts that check a request against terms: see `withTerms`. */
export const TERMS_SCRIPTS = {
  reserve: RESERVE,
  release: RELEASE,
  commitSuccess: COMMIT_SUCCESS,
  refill: REFILL,
} as const;

/** All other scripts, by their name as a command. */
export const SCRIPTS = {
  commitMessage: COMMIT_MESSAGE,
  createVerification: CREATE,
  findVerification: FIND,
  standingOfSubject: STANDING,
  settleAttempt: SETTLE_ATTEMPT,
  replaceChallenge: REPLACE_CHALLENGE,
  rekeyVerification: REKEY,
  openSession: OPEN_SESSION,
  admitLogin: ADMIT_LOGIN,
  putOpenId: PUT_OPENID,
  consumeOpenId: CONSUME_OPENID,
  addWebhook: ADD_WEBHOOK,
  claimWebhooks: CLAIM_WEBHOOKS,
  settleWebhook: SETTLE_WEBHOOK,
} as const;

export type TermsScriptName = keyof typeof TERMS_SCRIPTS;
/** The name of a command. */
export type ScriptName = keyof typeof SCRIPTS | `${TermsScriptName}:${number}`;
