import { Cluster, type Redis } from 'ioredis';

const SCAN_COUNT = 500;

/** Goes through all keys, on every node: only for operators' commands, which are rare. */
export async function scanKeys(redis: Redis | Cluster, match: string): Promise<string[]> {
  const nodes = redis instanceof Cluster ? redis.nodes('master') : [redis];
  // Redis's patterns know brackets, question marks and asterisks; braces stand for themselves.
  const found = await Promise.all(nodes.map((node) => node.scanStream({ match, count: SCAN_COUNT }).toArray()));
  return [...new Set(found.flat(2) as string[])];
}
