import type { ParsedUrlQuery } from 'node:querystring';
import { z } from 'zod';
import type { PageProblem, ProblemPlace } from '@/lib/contract';
import { type AppError, ERRORS, type ErrorCode, REFUSAL_REASONS } from '@/lib/errors';

const PLACES = ['phone', 'code', 'resend'] as const satisfies readonly ProblemPlace[];

/** A whole number of at most so many digits: limits reach as far as 24 days, in seconds. */
const whole = (digits: number) =>
  z
    .string()
    .regex(new RegExp(`^\\d{1,${digits}}$`))
    .transform(Number);

/** A problem in the page's address. It holds nothing that somebody typed. */
const query = z.object({
  problem: z.enum(Object.keys(ERRORS) as ErrorCode[]),
  at: z.enum(PLACES),
  reason: z.enum(REFUSAL_REASONS).optional(),
  wait: whole(7).optional(),
  tries: whole(2).optional(),
});

/** What a form came to, for the address of the page: `problem=WRONG_PIN&at=code&tries=4`. */
export function problemQuery(at: ProblemPlace, { code, details }: AppError): string {
  const { reason, retryAfterSeconds: wait, attemptsRemaining: tries } = details;
  const told = Object.entries({ problem: code, at, reason, wait, tries } satisfies Record<
    keyof typeof query.shape,
    unknown
  >);
  return new URLSearchParams(
    told.flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  ).toString();
}

/** The problem in the page's address; undefined where there is none, or where it was not written by {@link problemQuery}. */
export function readProblem(address: ParsedUrlQuery): PageProblem | undefined {
  const { data } = query.safeParse(address);
  if (!data) return undefined;
  const { problem: code, at, reason, wait, tries } = data;
  return {
    code,
    at,
    ...(reason !== undefined && { reason }),
    ...(wait !== undefined && { retryAfterSeconds: wait }),
    ...(tries !== undefined && { attemptsRemaining: tries }),
  };
}
