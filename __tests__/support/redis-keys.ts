import type { Deployment } from './set-ups';

/** Milliseconds until each key of a deployment's Redis expires; -1 for a key that never does. */
export async function endsOfKeys({ nodes }: Deployment): Promise<ReadonlyMap<string, number>> {
  const ends = new Map<string, number>();
  for (const node of nodes)
    for (const key of (await node.command('KEYS', '*')) as string[])
      ends.set(key, Number(await node.command('PTTL', key)));
  return ends;
}

/** How many keys of each kind an action adds or removes. No request owns the mark of the privacy key. */
export async function keysChangedBy(
  deployment: Deployment,
  act: () => Promise<unknown>,
): Promise<Record<string, number>> {
  const keys = async () => (await endsOfKeys(deployment)).keys();
  const before = new Set(await keys());
  await act();
  const after = new Set(await keys());
  const changed: Record<string, number> = {};
  for (const key of new Set([...before, ...after])) {
    const kind = key.slice(0, key.lastIndexOf(':'));
    if (before.has(key) !== after.has(key) && !kind.endsWith(':k')) changed[kind] = (changed[kind] ?? 0) + 1;
  }
  return changed;
}
