import { betterAuth } from 'better-auth';
import { phoneNumber } from 'better-auth/plugins';
import { SqliteDialect } from 'kysely';
import Database from 'libsql';
import { Pool } from 'undici';

/** The app's transport, with its keep-alive. */
const infobip = new Pool(process.env.INFOBIP_BASE_URL, { keepAliveTimeout: 30_000 });

/** better-auth creates the code itself, so the code goes out as a text message. */
async function sendText(to, text) {
  const reply = await infobip.request({
    path: '/sms/3/messages',
    method: 'POST',
    headers: { Authorization: `App ${process.env.INFOBIP_API_KEY}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ messages: [{ sender: 'Example', destinations: [{ to }], content: { text } }] }),
  });
  await reply.body.json();
}

export const database = new Database(process.env.BENCH_SQLITE_FILE);
// SQLite's own advice for servers: readers do not wait for writers.
database.pragma('journal_mode = WAL');
database.pragma('synchronous = NORMAL');

/** Mounted as in the documentation of its phone-number plugin; a new number becomes a user. */
export const auth = betterAuth({
  baseURL: process.env.BETTER_AUTH_URL,
  secret: process.env.BETTER_AUTH_SECRET,
  database: { dialect: new SqliteDialect({ database }), type: 'sqlite' },
  rateLimit: { enabled: false },
  telemetry: { enabled: false },
  plugins: [
    phoneNumber({
      // Awaits the message, as all contenders do.
      sendOTP: ({ phoneNumber: to, code }) => sendText(to.slice(1), code),
      signUpOnVerification: {
        getTempEmail: (number) => `${number.slice(1)}@example.com`,
        getTempName: (number) => number,
      },
    }),
  ],
});
