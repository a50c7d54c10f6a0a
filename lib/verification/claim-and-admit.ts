import type { Admission } from '@/lib/limits/rate-limits';

/**
 * A claim in the store and the limits by address, asked at once. Where one of them fails, the other is undone.
 * @param release undoes a granted claim
 */
export async function claimAndAdmit<Claim>(
  claim: Promise<Claim>,
  admission: Promise<Admission>,
  release: (claim: Claim) => Promise<unknown>,
): Promise<[Claim, Admission]> {
  const [claimed, admitted] = await Promise.allSettled([claim, admission]);
  if (claimed.status === 'fulfilled' && admitted.status === 'fulfilled') return [claimed.value, admitted.value];
  if (claimed.status === 'fulfilled') release(claimed.value).catch(() => undefined);
  if (admitted.status === 'fulfilled') admitted.value.giveBack();
  throw claimed.status === 'rejected' ? claimed.reason : (admitted as PromiseRejectedResult).reason;
}
