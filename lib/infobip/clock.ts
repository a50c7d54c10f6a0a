import { answer, HTTP_DATE } from './replies';

/** Proofs carry the time, and programs that check them tolerate only a small difference. */
const MAX_SKEW_MS = 5000;
/** Infobip's `Date` is in whole seconds, rounded down. */
const DATE_STEP_MS = 1000;

/**
 * Called when this machine's clock begins to differ from Infobip's, with whole seconds (positive: ahead), and with
 * undefined once it agrees again.
 */
export type OnSkew = (seconds: number | undefined) => void;

/** The least and the most that our clock can differ from the time in a reply, in milliseconds. */
function boundsOf(returned: unknown, sentAt: number, receivedAt: number): readonly [number, number] | undefined {
  const text = answer.safeParse(returned).data?.headers.date ?? '';
  const date = HTTP_DATE.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? undefined : [sentAt - date - DATE_STEP_MS, receivedAt - date];
}

/**
 * Compares the clocks at every call to Infobip. A slow reply proves nothing, and changes nothing.
 * @returns a function that makes the call, and returns its result
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
