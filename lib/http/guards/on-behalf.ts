import type { ProgramFields } from '@/lib/contract';
import { AppError } from '@/lib/errors';
import { parseClientAddress } from '@/lib/http/client-address';
import type { Guard } from '@/lib/http/route';

const FIELDS = ['clientAddress', 'audience', 'nonce', 'purpose'] as const satisfies readonly (keyof ProgramFields)[];

const refusal = (message: string) => new AppError('INVALID_REQUEST', { message });

/**
 * Reads what a program with a key says of the person it asks for: the person's address counts in place of the program's.
 * List it after the body. Refuses these fields from everybody else with INVALID_REQUEST.
 */
export const onBehalf: Guard<ProgramFields> = (call) => {
  const { body, keyHolder } = call;
  const given = FIELDS.find((name) => body[name] !== undefined);
  if (given === undefined) return;
  if (!keyHolder) throw refusal(`The field ${given} is for programs with an API key.`);
  const { clientAddress, audience } = body;
  if (audience !== undefined && !keyHolder.audiences.includes(audience))
    throw refusal('The field audience must be one of those that API_CLIENTS lists for this client.');
  if (clientAddress === undefined) return;
  const address = parseClientAddress(clientAddress);
  if (!address) throw refusal('The field clientAddress must be an IP address.');
  call.caller = { ...call.caller, ...address };
};
