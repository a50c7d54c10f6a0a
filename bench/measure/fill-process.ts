/**
 * Fills stores from this process with the code in `lib/`: on Redis as the app composes it, or in memory with more room
 * than the app gives it. Takes one order at a time.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { createLimits } from '@/lib/limits/reservation';
import { termsOf } from '@/lib/limits/terms';
import { unitPriceFor } from '@/lib/methods/phone/prices';
import { getServices } from '@/lib/services';
import { createMemoryStores } from '@/lib/store/memory/memory-stores';
import { fill, heldBytes } from './fill.cjs';

export interface FillOrder {
  readonly from: number;
  readonly to: number;
  /** Whether to also fill in what the limits remember about the sends. */
  readonly withLimits: boolean;
}
export type Filled = { readonly filled: number; readonly heldBytes: number } | { readonly error: string };

const ROOM = 2_000_000;

function servicesInMemory() {
  const { config } = getServices();
  const { limits, verifications } = createMemoryStores({ maxAttempts: config.pin.maxAttempts, maxEntries: ROOM });
  return { limits: createLimits(limits, termsOf(config, unitPriceFor(config))), verifications };
}

const services = process.env.REDIS_URL ? getServices() : servicesInMemory();

process.on('message', ({ from, to, withLimits }: FillOrder) => {
  fill(services, from, to, withLimits).then(
    (filled) => process.send?.({ filled, heldBytes: heldBytes() } satisfies Filled),
    (error: Error) => process.send?.({ error: error.message } satisfies Filled),
  );
});
process.on('disconnect', () => process.exit());

/** Commands fail at once while there is no connection, so this waits for one. */
async function untilConnected(): Promise<void> {
  while (process.env.REDIS_URL) {
    if (
      await getServices()
        .pingStore()
        .then(
          () => true,
          () => false,
        )
    )
      return;
    await sleep(20);
  }
}
untilConnected().then(() => process.send?.('ready'));
