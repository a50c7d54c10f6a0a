import { randomUUID } from 'node:crypto';
import { createPost, type Posted } from '@/lib/webhooks/post';
import { fail, type Judgement, ok, skipped } from './finding';
import type { Settings } from './settings';

const CHECK_SIGNATURE =
  'Compare WEBHOOK_SECRET with the secret of the receiver, and its clock with that of this machine.';

function judge(posted: Posted): Judgement {
  switch (posted.kind) {
    case 'delivered':
      return ok(`The receiver took the test event (${posted.status}).`);
    case 'timeout':
      return fail('The receiver did not answer within 15 seconds.', 'Let it answer at once, and work afterwards.');
    case 'unreachable':
      return fail(
        `The receiver cannot be reached (${posted.fault}).`,
        'Check WEBHOOK_URL, the firewall and the certificate.',
      );
    default: {
      const { status } = posted;
      if (status >= 300 && status < 400)
        return fail(
          `The receiver redirects (${status}), and the server follows no redirect.`,
          'Set WEBHOOK_URL to the final address.',
        );
      return fail(`The receiver refused the test event (${status}).`, CHECK_SIGNATURE);
    }
  }
}

/** Sends one signed event of the type `webhook.test` directly, without a queue. */
export async function testWebhook({
  WEBHOOK_URL: url,
  WEBHOOK_SECRET: secrets,
}: Partial<Settings>): Promise<Judgement> {
  if (url === undefined || secrets === undefined)
    return skipped('There is nothing to test: WEBHOOK_URL or WEBHOOK_SECRET is not set, or not usable.');
  const payload = JSON.stringify({ type: 'webhook.test', timestamp: new Date().toISOString(), data: {} });
  return judge(await createPost({ url, secrets }, 1)({ id: `msg_${randomUUID()}`, payload }));
}
