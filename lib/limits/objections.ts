import type { Objection } from '@/lib/store/limits';
import { CREDIT_POLICIES, type CreditPolicy } from './credit';

/** Every objection that a bucket of credit can have to a message. */
export const CREDIT_OBJECTIONS: readonly Objection[] = Object.entries<CreditPolicy>(CREDIT_POLICIES).flatMap(
  ([by, { whenEmpty, whenOwing }]) => [...new Set([whenEmpty, whenOwing])].map((verdict) => ({ verdict, by })),
);
