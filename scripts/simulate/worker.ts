/** A process of the simulation; see `pool.ts`. */
import type { Job } from './pool';
import { tallies } from './rows';

process.on('message', ({ case: one, settings }: Job) => {
  void tallies(one, settings).then((played) => process.send?.(played));
});
process.on('disconnect', () => process.exit());
