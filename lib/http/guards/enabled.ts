import type { Config } from '@/lib/config/config';
import { AppError } from '@/lib/errors';
import type { Guard } from '@/lib/http/route';

/** Refuses every request with NOT_FOUND if the configuration switches the route off. */
export const enabled =
  (isEnabled: (config: Config) => boolean): Guard =>
  ({ services: { config } }) => {
    if (!isEnabled(config)) throw new AppError('NOT_FOUND');
  };
