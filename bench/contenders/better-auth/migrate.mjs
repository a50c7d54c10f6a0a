/** Creates the tables, as `npx auth migrate` does. `BENCH_PENDING` adds that many verifications in progress. */
import { randomUUID } from 'node:crypto';
import { getMigrations } from 'better-auth/db/migration';
import { auth, database } from './lib/auth.mjs';

const { runMigrations } = await getMigrations(auth.options);
await runMigrations();

const insert = database.prepare(
  'insert into verification (id, identifier, value, expiresAt, createdAt, updatedAt) values (?, ?, ?, ?, ?, ?)',
);
const [now, later] = [new Date().toISOString(), new Date(Date.now() + 3_600_000).toISOString()];
database.exec('begin');
for (let i = 0; i < Number(process.env.BENCH_PENDING ?? 0); i += 1)
  insert.run(randomUUID(), `+49${String(i).padStart(10, '0')}`, '123456:0', later, now, now);
database.exec('commit');
process.exit(0);
