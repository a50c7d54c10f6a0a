import { answer } from './replies';

/** Proofs carry the time, and those who check them allow for a little. */
const MAX_SKEW_MS = 5000;
/** Infobip's `Date` is in whole seconds, cut off. */
const DATE_STEP_MS = 1000;

/** Told when this machine's clock begins to differ from Infobip's, with whole seconds (positive: ahead), and undefined once it agrees again. */
export type OnSkew = (seconds: number | undefined) => void;

/** Where our clock stands against the time that a reply tells, in milliseconds: at least, and at most. */
function boundsOf(returned: unknown, sentAt: number, receivedAt: number): readonly [number, number] | undefined {
  const date = Date.parse(answer.safeParse(returned).data?.headers.date ?? '');
  return Number.isNaN(date) ? undefined : [sentAt - date - DATE_STEP_MS, receivedAt - date];
}

/**
 * Compares the clocks at every call to Infobip. A slow reply leaves room for doubt, and a doubt changes nothing.
 * @returns makes the call, and returns what it returned
 */
export function createClockWatch(onSkew: OnSkew): (call: () => Promise<unknown>) => Promise<unknown> {
  let isSkewed = false;

  function judge(least: number, most: number): void {
    if (!isSkewed && (least > MAX_SKEW_MS || most < -MAX_SKEW_MS)) {
      isSkewed = true;
      onSkew(Math.round((least + most) / 2000));
    } else if (isSkewed && least >= -MAX_SKEW_MS && most <= MAX_SKEW_MS) {
      isSkewed = false;
      onSkew(undefined);
    }
  }

  return async (call) => {
    const sentAt = Date.now();
    const returned = await call();
    const bounds = boundsOf(returned, sentAt, Date.now());
    if (bounds) judge(...bounds);
    return returned;
  };
}
