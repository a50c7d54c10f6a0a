import type { Services } from '@/lib/http/route';

type Filling = Pick<Services, 'limits' | 'verifications'>;

export function fill(services: Filling, from: number, to: number, withLimits?: boolean): Promise<number>;
export function heldBytes(): number;
