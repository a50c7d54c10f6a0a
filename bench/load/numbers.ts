/** How many different numbers the load has: fewer than the app keeps in memory. */
export const NUMBERS = 100_000;
/** How many client addresses there are, each in its own network. */
const ADDRESSES = 5000;

/** Area codes of the United States, so that a number is valid and its range is known. */
const AREAS = [
  201, 202, 203, 205, 206, 207, 208, 209, 210, 212, 213, 214, 215, 216, 217, 218, 219, 224, 225, 228, 229, 231, 234,
  239, 240, 248, 251, 252, 253, 254, 256, 260, 262, 267, 269, 270, 276, 281, 301, 302, 303, 304, 305, 307, 308, 309,
  310, 312, 313, 314,
];
const EXCHANGES = 700;

/** In this order no two neighbors share a range of ten thousand numbers. */
export function numberAt(index: number): string {
  const area = AREAS[index % AREAS.length];
  const exchange = 220 + (Math.floor(index / AREAS.length) % EXCHANGES);
  const last = 1000 + Math.floor(index / (AREAS.length * EXCHANGES));
  return `+1${area}${exchange}${last}`;
}

/** The client addresses, for `X-Forwarded-For`: each is in a /24 of its own. */
export function addressAt(index: number): string {
  const i = index % ADDRESSES;
  return `11.${i >> 8}.${i & 255}.7`;
}
