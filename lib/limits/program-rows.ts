import type { ApiClient } from '@/lib/config/api-clients';
import type { Row } from '@/lib/store/limits';
import type { OtherLimit } from './policies';

const DAY_MS = 24 * 60 * 60_000;

const row = (name: OtherLimit, field: string, points: number | undefined, more: Partial<Row>): Row[] =>
  points === undefined ? [] : [{ name, field, points, windowMs: DAY_MS, cost: 1, ...more }];

/** The limits that an API client has for itself. Create them once, at startup. */
export const programRows = ({ messagesPerDay, budgetPerDay }: ApiClient): readonly Row[] => [
  ...row('CLIENT_MESSAGES_PER_DAY', 'M', messagesPerDay, {}),
  ...row('CLIENT_BUDGET_PER_DAY', 'B', budgetPerDay, { isPriced: true }),
];
