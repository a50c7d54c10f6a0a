import { buildIfNeeded } from '@/scripts/build';
import { bundleCommands } from './commands';

/** Jest creates the production build and the commands once, before all tests. */
export default async function buildApp(): Promise<void> {
  buildIfNeeded();
  await bundleCommands();
}
