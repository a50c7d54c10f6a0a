import type * as Modules from './shared-modules';

/** From environment.cjs. A test in jsdom has its own environment, and loads its own copies. */
const { sharedModules } = globalThis as { sharedModules?: () => typeof Modules };

export const { startSimulator, expectDocumented, expectDocumentedEvent } =
  sharedModules?.() ?? jest.requireActual<typeof Modules>('./shared-modules');
