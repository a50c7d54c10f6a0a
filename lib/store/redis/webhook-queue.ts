import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Privacy } from '@/lib/privacy';
import { LEASE_MS, LIFETIME_MS, type WebhookQueue } from '@/lib/webhooks/queue';
import type { Connection } from './connection';
import { KEYS } from './keys';

const placeOf = (id: string) => `webhook ${id}`;

/** Lua's empty list is an empty object in JSON. */
const listOf = <T extends z.ZodType>(item: T) =>
  z.array(item).or(z.strictObject({}).transform((): z.output<T>[] => []));

const added = z.tuple([z.number(), z.number()]);
const claimed = z.object({
  due: listOf(z.object({ id: z.string(), sealed: z.string(), createdAt: z.number(), failures: z.number() })),
  length: z.number(),
  nextMs: z.number().optional(),
});

/**
 * {@link WebhookQueue} in Redis, shared by all instances. Events that an instance had claimed when it crashed are due
 * again once their lease lapses. Payloads are encrypted, since they hold numbers.
 */
export function createRedisWebhookQueue({ run, ask }: Connection, privacy: Privacy): WebhookQueue {
  const keyOf = ({ name }: { readonly name: string }) => KEYS.webhookLane + name;
  return {
    async add(lane, { id, payload, createdAt, subject }) {
      const owner = subject === undefined ? '' : privacy.pseudonym('number', subject);
      const sealed = privacy.seal(payload, placeOf(id));
      const reply = await run('addWebhook', keyOf(lane), id, lane.most, owner, sealed, createdAt, LIFETIME_MS);
      const [accepted, length] = added.parse(reply);
      return { accepted: accepted === 1, length };
    },

    async claim(lane, count) {
      const lease = randomUUID();
      const { due, length, nextMs } = await ask(claimed, 'claimWebhooks', keyOf(lane), count, lease, LEASE_MS);
      const opened = due.map(({ sealed, ...event }) => ({
        ...event,
        lease,
        payload: privacy.open(sealed, placeOf(event.id)),
      }));
      const unreadable = opened.filter(({ payload }) => payload === undefined);
      await Promise.all(unreadable.map(({ id }) => run('settleWebhook', keyOf(lane), id, lease, '')));
      return {
        due: opened.flatMap(({ payload, ...event }) => (payload === undefined ? [] : [{ ...event, payload }])),
        unreadable: unreadable.length,
        length,
        nextMs,
      };
    },

    async remove(lane, { id, lease }) {
      await run('settleWebhook', keyOf(lane), id, lease, '');
    },

    async postpone(lane, { id, lease }, delayMs) {
      await run('settleWebhook', keyOf(lane), id, lease, Math.ceil(delayMs));
    },
  };
}
