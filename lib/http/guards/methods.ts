import { AppError } from '@/lib/errors';
import type { Guard } from '@/lib/http/route';

type Method = 'GET' | 'POST' | 'DELETE';

/** Admits these methods, and HEAD if GET is one of them. Refuses others with METHOD_NOT_ALLOWED, and sets `Allow`. */
export function methods(...names: readonly Method[]): Guard {
  const allowed = names.flatMap((name) => (name === 'GET' ? ['GET', 'HEAD'] : [name]));
  const allow = allowed.join(', ');
  return ({ request, response }) => {
    if (allowed.includes(request.method ?? '')) return;
    response.setHeader('Allow', allow);
    throw new AppError('METHOD_NOT_ALLOWED');
  };
}
