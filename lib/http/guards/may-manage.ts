import { AppError } from '@/lib/errors';
import type { Guard } from '@/lib/http/route';

/**
 * Refuses programs with an API key, unless the operator lets them change factors. The error is FACTORS_NOT_ALLOWED. A
 * program that verifies a person's number just once gets a session, and could add a factor of its own. With that
 * factor, it would pass for that person everywhere. List this guard after `requireKey`.
 */
export const mayManage: Guard = ({ keyHolder }) => {
  if (keyHolder && !keyHolder.manageFactors) throw new AppError('FACTORS_NOT_ALLOWED');
};
