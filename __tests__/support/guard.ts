/** Figures of a bucket that never runs dry in a test. */
export const PLENTY = '1000000,1000000,0.35';

/** The guard, enforced, with buckets that are never empty. A test sets those that it is about. */
export const GUARDED = {
  FRAUD_GUARD: 'enforce',
  CREDIT_PER_ADDRESS: PLENTY,
  CREDIT_PER_SITE: PLENTY,
  CREDIT_PER_NETWORK: PLENTY,
  CREDIT_PER_RANGE: PLENTY,
  CREDIT_PER_BLOCK: PLENTY,
  CREDIT_PER_COUNTRY: PLENTY,
  CREDIT_PER_MAIN_COUNTRY: PLENTY,
  CREDIT_PER_HOME_COUNTRY: PLENTY,
  LIMIT_SEND_PER_ADDRESS: '100000/1h',
  LIMIT_SEND_PER_RANGE: '100000/1d',
  LIMIT_SEND_PER_BLOCK: '100000/1d',
};

const FIRST_RANGE = 200;
let ranges = 0;

/** A range of ten thousand numbers in the United States that no other test in this file uses: its numbers, in turn. */
export function newRange(): () => string {
  const prefix = `+1415${FIRST_RANGE + ranges}`;
  ranges += 1;
  let numbers = 0;
  return () => {
    numbers += 1;
    return prefix + String(numbers).padStart(4, '0');
  };
}

let blocks = 0;

/** Numbers of that many ranges in Great Britain, each range in its own block. */
export function newBritishRange(): () => string {
  const prefix = `+447400${String(blocks).padStart(2, '0')}`;
  blocks += 1;
  let numbers = 0;
  return () => {
    numbers += 1;
    return prefix + String(numbers).padStart(4, '0');
  };
}
