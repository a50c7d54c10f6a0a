/**
 * `fail` makes the command exit with 1, and `warn` does not. `skipped`: the doctor could not check this, and says why.
 */
export type Status = 'ok' | 'warn' | 'fail' | 'skipped';

/** The result of a check. */
export interface Judgement {
  readonly status: Status;
  /** Names the variable, or Infobip's field, that the finding is about. Holds no secret. */
  readonly finding: string;
  /** What to do; empty if there is nothing to do. */
  readonly remedy: string;
}

/** A result with the name of its check: an element of the array that `--json` prints. */
export interface Finding extends Judgement {
  readonly check: string;
}

const judge =
  (status: Status) =>
  (finding: string, remedy = ''): Judgement => ({ status, finding, remedy });

export const ok = judge('ok');
export const warn = judge('warn');
export const fail = judge('fail');
export const skipped = judge('skipped');

/** A value, or why there is none. */
export type Outcome<T> = { readonly value: T } | { readonly skipped: Judgement };

/** Keeps good news only if there is no bad news. */
export const orOk = (judgements: readonly Judgement[], finding: string): readonly Judgement[] =>
  judgements.length > 0 ? judgements : [ok(finding)];
