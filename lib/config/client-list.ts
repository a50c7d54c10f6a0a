import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** The id of a client. It has no colon, because a colon would end the user name in HTTP Basic (RFC 7617, §2). */
export const clientId = z
  .string('is required')
  .regex(/^[\w.-]{1,64}$/, 'must be 1 to 64 letters, digits, dots, dashes and underscores');

/** Describes a fault and its place, without the value, which may be a secret. */
function describe({ path, message, code }: z.core.$ZodIssue): string {
  const [index, field] = path;
  const at =
    index === undefined ? '' : ` (entry ${Number(index) + 1}${field === undefined ? '' : `, ${String(field)}`})`;
  return code === 'unrecognized_keys' ? `has an unknown field${at}.` : `is not usable${at}: ${message}.`;
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text.trimStart().startsWith('[') ? text : readFileSync(/* turbopackIgnore: true */ text, 'utf8'));
  } catch {
    return undefined;
  }
}

/** How the entries of a list are checked and read. */
interface Entries<Row, Client> {
  readonly row: z.ZodType<Row>;
  /** The name of the field with the id. */
  readonly idField: keyof Row & string;
  readonly toClient: (row: Row) => Client;
  /** The command that creates an entry. */
  readonly command: string;
}

type List<Client> = { readonly clients: readonly Client[] } | { readonly fault: string };

/**
 * The schema of a variable that lists clients: a JSON array, or the path of a file with one. No two clients have the
 * same id.
 */
export function clientList<Row, Client>({ row, idField, toClient, command }: Entries<Row, Client>) {
  const remedy = `must be a JSON array of clients, or the path of a JSON file. Create one with: ${command}`;

  function parse(text: string): List<Client> {
    const json = readJson(text);
    if (json === undefined) return { fault: remedy };
    const { data, error } = z.array(row, remedy).safeParse(json);
    if (error) return { fault: describe(error.issues[0] as z.core.$ZodIssue) };
    return new Set(data.map((one) => one[idField])).size < data.length
      ? { fault: `has two clients with the same ${idField}.` }
      : { clients: data.map(toClient) };
  }

  return z.string().transform((text, ctx) => {
    const list = parse(text);
    if ('clients' in list) return list.clients;
    ctx.addIssue({ code: 'custom', message: list.fault });
    return z.NEVER;
  });
}
