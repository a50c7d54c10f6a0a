const MINUTE = 60;
const HOUR = 60 * MINUTE;

/** A wait as people say it: to the second for short ones, else to the next whole minute or hour, never too short. */
export function waitInWords(seconds: number): string {
  if (seconds < 2 * MINUTE) return `${seconds} s`;
  if (seconds < 2 * HOUR) return `${Math.ceil(seconds / MINUTE)} minutes`;
  return `${Math.ceil(seconds / HOUR)} hours`;
}
