import type { ProgramFields } from '@/lib/contract';
import { AppError } from '@/lib/errors';
import { parseClientAddress } from '@/lib/http/client-address';
import type { Guard } from '@/lib/http/route';

const FIELDS = ['clientAddress', 'audience', 'nonce', 'purpose'] as const satisfies readonly (keyof ProgramFields)[];

const refusal = (message: string) => new AppError('INVALID_REQUEST', { message });

/**
 * Reads the fields in which a program with a key describes the person for whom it acts. The rate limits then count the
 * person's address instead of the program's. Refuses these fields from everybody else with INVALID_REQUEST. List this
 * guard after the one that reads the body.
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
