import type { Cluster, Redis } from 'ioredis';
import type { Privacy } from '@/lib/privacy';
import type { Stores } from '@/lib/store/stores';
import type { WebhookQueue } from '@/lib/webhooks/queue';
import { type ConnectionOptions, createConnection } from './connection';
import { KEYS } from './keys';
import { createRedisLimitStore } from './limit-store';
import { createRedisOpenIdStore } from './openid-store';
import { createRedisSessionStore } from './session-store';
import { createStepwise } from './stepwise';
import { createRedisVerificationStore, PRIVACY_KEY_MARK_MS } from './verification-store';
import { createRedisWebhookQueue } from './webhook-queue';

/**
 * State in Redis, for any number of instances, restarts included. When Redis is down, frozen, read-only or full,
 * operations throw STORE_UNAVAILABLE within `commandTimeoutMs`. They work again as soon as Redis does.
 * @param options.maxAttempts the most attempts on a challenge
 * @param options.privacy hides subjects and their data
 */
export function createRedisStores(
  options: ConnectionOptions & { readonly maxAttempts: number; readonly privacy: Privacy },
): Stores & { readonly webhooks: WebhookQueue; readonly redis: Redis | Cluster; close(): void } {
  const { privacy, maxAttempts, isCluster = false } = options;
  const connection = createConnection(options);
  const { redis, orUnavailable, close } = connection;
  const isStepwise = isCluster || privacy.keyIds.length > 1;
  const verifications = createRedisVerificationStore(connection, privacy, isStepwise, maxAttempts);
  const stepwise = isStepwise ? createStepwise(connection, privacy, verifications) : undefined;
  return {
    verifications,
    sessions: createRedisSessionStore(connection, privacy),
    openid: createRedisOpenIdStore(connection),
    limits: createRedisLimitStore(connection, privacy, stepwise),
    webhooks: createRedisWebhookQueue(connection, privacy),
    async ping() {
      await orUnavailable(redis.set(KEYS.privacyKey + privacy.keyIds[0], '1', 'PX', PRIVACY_KEY_MARK_MS));
    },
    isConnected: () => redis.status === 'ready',
    redis,
    close,
  };
}
