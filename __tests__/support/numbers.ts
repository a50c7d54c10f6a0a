let count = 0;

/** A mobile number that no other test in this process has used. */
export function newNumber(): string {
  count += 1;
  return `+1415556${1000 + count}`;
}
