import { COMMIT_MESSAGE, COMMIT_SUCCESS } from './commit';
import { RELEASE } from './release';
import { RESERVE } from './reserve';
import { OPEN_SESSION } from './sessions';
import { CREATE, FIND, REKEY, REPLACE_CHALLENGE, SETTLE_ATTEMPT, STANDING } from './verifications';

/** Each script under its name as a command. */
export const SCRIPTS = {
  reserve: RESERVE,
  release: RELEASE,
  commitMessage: COMMIT_MESSAGE,
  commitSuccess: COMMIT_SUCCESS,
  createVerification: CREATE,
  findVerification: FIND,
  standingOfSubject: STANDING,
  settleAttempt: SETTLE_ATTEMPT,
  replaceChallenge: REPLACE_CHALLENGE,
  rekeyVerification: REKEY,
  openSession: OPEN_SESSION,
} as const;

export type ScriptName = keyof typeof SCRIPTS;
