import { randomFillSync } from 'node:crypto';

/** Asking the system for a few bytes takes ten times as long as copying them out of what it gave before. */
const pool = Buffer.alloc(4096);
let used = pool.length;

/** Random bytes of the system's, each given out once. @param count at most 4096 */
export function randomBytes(count: number): Buffer {
  if (used + count > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const bytes = Buffer.from(pool.subarray(used, used + count));
  pool.fill(0, used, used + count);
  used += count;
  return bytes;
}
