import type { Terms } from '@/lib/store/limits';

/** A plain value as a Lua literal. */
function toLua(value: unknown): string {
  if (Array.isArray(value)) return `{${value.map(toLua).join(',')}}`;
  if (typeof value === 'object' && value !== null) {
    const fields = Object.entries(value).filter(([, field]) => field !== undefined);
    return `{${fields.map(([name, field]) => `${name}=${toLua(field)}`).join(',')}}`;
  }
  // JSON's strings and numbers are also Lua literals, and our names are Lua names.
  return JSON.stringify(value);
}

/**
 * A script that checks requests against these terms. They are part of its text, so requests need not carry them, and
 * Redis need not parse them each time.
 */
export const withTerms = (lua: string, terms: Terms): string => `local T = ${toLua(terms)}\n${lua}`;

/** Reads a request, and puts the terms into its parts. */
export const ASK = `
local ask = cjson.decode(ARGV[1])
for _, group in ipairs(ask.shared or {}) do group.rows = T[group.rows] end
if ask.everyone then ask.everyone.rows = ask.everyone.rows or T.everyone end
if ask.verification then ask.verification.attempt = T.attempt end
if ask.subject then
  ask.subject.rows, ask.subject.networkRows, ask.subject.deviceRows = T.number, T.numberByNetwork, T.allDevices
  ask.subject.deviceLock, ask.subject.message, ask.subject.lock = T.deviceLock, T.message, T.attempt and T.lock
end
if ask.credit then
  local credit = T.credit
  credit.rangeRows, credit.blockRows, credit.isStranger = T.range, T.block, ask.credit.isStranger
  if not ask.credit.isOfDestination then credit.countries = nil end
  credit.isProof = ask.credit.isProof
  credit.client = ask.credit.client
  for _, one in ipairs(credit.client or {}) do one.row = credit[one.group] end
  ask.credit = credit
end
`;
