import type { CreateDefense } from './defense';
import { guard, limitsOnly } from './ours';
import { nothing, perAddress, perCountry } from './peers';

/** The defenses to play the attacks against, by name. */
export const DEFENSES: Readonly<Record<string, { readonly description: string; readonly create: CreateDefense }>> = {
  guard: { description: 'this service', create: guard },
  limits: { description: 'this service with FRAUD_GUARD=off', create: limitsOnly },
  'per-address': { description: 'ten requests a minute from an address, as Better Auth', create: perAddress },
  'per-country': { description: 'unverified codes by country, as Authgear counts them, refused', create: perCountry },
  nothing: { description: 'nothing at all', create: nothing },
};
