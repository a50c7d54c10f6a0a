/**
 * Fills the app with verifications in progress, through the services of its routes: reserve, commit and create, as a
 * send does, but without HTTP and without a message. An app that loads this with `--require` waits for orders. The
 * benchmark's own processes call it directly.
 */
const { createHash, randomBytes } = require('node:crypto');

const SERVICES = Symbol.for('phone-verification.services');
const AREAS = 300;
const PARALLEL = 100;
const TTL_MS = 600_000;
const PRICES = { sms: 830, voice: 1400 };

/** In this order, no two neighbors share a range of ten thousand numbers. The first 2.4 billion are all different. */
function subjectAt(index) {
  const area = 201 + (index % AREAS);
  const rest = Math.floor(index / AREAS);
  const exchange = 200 + (rest % 800);
  return `+1${area}${exchange}${String(Math.floor(rest / 800)).padStart(4, '0')}`;
}

const destinationOf = (subject) => ({
  range: subject.slice(0, -4),
  block: subject.slice(0, -6),
  country: 'US',
  prices: PRICES,
  unitPrice: 830,
});

/** The state that the app keeps for a code: the template's id, and Infobip's id of the code. */
const methodStateAt = (index) => JSON.stringify(['BENCH000000TEMPLATE0000000000001', String(index).padStart(32, '0')]);

async function fillOne({ limits, verifications }, index, withLimits) {
  const subject = subjectAt(index);
  const destination = destinationOf(subject);
  const key = createHash('sha256').update(randomBytes(32)).digest('base64url');
  const verification = { subject, method: 'sms', methodState: methodStateAt(index), destination, ttlMs: TTL_MS };
  if (!withLimits) {
    await verifications.create(key, { ...verification, scope: 'strangers', challenge: String(index) });
    return;
  }
  const address = `11.${(index >> 8) & 15}.${index & 255}.7`;
  const network = `11.${(index >> 8) & 15}.${index & 255}.0/24`;
  const reserved = await limits.reserveMessage(
    { address, network },
    { subject, method: 'sms', device: undefined, destination, pass: undefined },
  );
  if (reserved.kind !== 'granted') throw new Error(`Refused at ${index}: ${JSON.stringify(reserved).slice(0, 200)}`);
  await Promise.all([
    reserved.commit('sent'),
    verifications.create(key, { ...verification, scope: reserved.scope, challenge: reserved.token }),
  ]);
}

/**
 * @param from index of the first missing one
 * @returns how many there are then: fewer than requested if the store is full
 */
async function fill(services, from, to, withLimits = true) {
  for (let index = from; index < to; index += PARALLEL) {
    const batch = Array.from({ length: Math.min(PARALLEL, to - index) }, (_, i) =>
      fillOne(services, index + i, withLimits),
    );
    try {
      await Promise.all(batch);
    } catch (error) {
      if (error.code === 'STORE_UNAVAILABLE') return index;
      throw error;
    }
  }
  return to;
}

/** Bytes still in use after garbage collection. */
function heldBytes() {
  globalThis.gc();
  globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

module.exports = { fill, heldBytes };

// An app that loads this gets its orders from the parent process.
if (require.main !== module && process.send && process.argv.includes('start')) {
  process.on('message', (order) => {
    if (order?.bench === undefined) return;
    const { from, to } = order.bench;
    fill(globalThis[SERVICES], from, to).then(
      (filled) => process.send({ bench: { filled } }),
      (error) => process.send({ bench: { error: error.message } }),
    );
  });
}
