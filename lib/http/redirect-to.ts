import type { ServerResponse } from 'node:http';
import type { Config } from '@/lib/config/config';
import { AppError } from '@/lib/errors';

/**
 * Characters that browsers drop from addresses, or read as others: a backslash counts as a slash (URL Standard, §4.4).
 */
const MISREAD = /[\p{Cc}\\]/u;

/** A made-up origin against which paths are resolved. An address that leads to any other origin is not a path. */
const HERE = 'https://here.invalid';

const refused = (why: string) =>
  new AppError('INTERNAL_ERROR', { cause: { name: 'RedirectRefused', message: `redirectTo ${why}` } });

/**
 * Checks where a success leads: to a path on this origin, or to a URL on an origin that is allowed.
 * @returns the address in normal form, in ASCII
 * @throws {AppError} INTERNAL_ERROR for anything else. Its cause names the origin, never the rest, which may hold
 * secrets
 */
export function checkRedirect(to: string, { redirectOrigins }: Pick<Config, 'redirectOrigins'>): string {
  if (MISREAD.test(to)) throw refused('has a control character or a backslash.');
  if (to.startsWith('/')) {
    const url = URL.canParse(to, HERE) ? new URL(to, HERE) : undefined;
    if (url?.origin !== HERE)
      throw refused('begins with two slashes, so it names another host. Give a path or a whole URL.');
    const path = url.pathname + url.search + url.hash;
    // Dots may leave two slashes in front: `/.//other.example`.
    if (path.startsWith('//')) throw refused('becomes an address of another host once its dots are resolved.');
    return path;
  }
  if (!URL.canParse(to)) throw refused('is neither a path that begins with a slash nor a whole URL.');
  const { protocol, origin, username, password, href } = new URL(to);
  // A blob's address has the origin of the page that made it, and may hold anything.
  const from = origin === 'null' || protocol === 'blob:' ? protocol : origin;
  if (!redirectOrigins.includes(from))
    throw refused(`has an origin that is not allowed: ${from}. See REDIRECT_ORIGINS.`);
  if (username || password) throw refused('has a name or a password in front of the host.');
  return href;
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '"': '&quot;' };
const escapeHtml = (text: string) => text.replace(/[&<"]/g, (sign) => ENTITIES[sign] ?? '');

/**
 * Answers a form with a tiny page that sends the browser on at once. Not with a 303: Chromium applies the page's
 * `form-action 'self'` to every redirect after a POST, so it would stop at the first one that leaves this origin, even
 * if a path of ours comes in between.
 * @param to as {@link checkRedirect} returned it
 * @param label the link's text, for browsers that do not refresh
 */
export function leadOn(response: ServerResponse, to: string, label: string): void {
  const link = `<a href="${escapeHtml(to)}">${escapeHtml(label)}</a>`;
  const html = `<!doctype html><meta charset="utf-8"><title>${escapeHtml(label)}</title>${link}`;
  response.statusCode = 200;
  response.setHeader('Refresh', `0; url=${to}`);
  response.setHeader('Content-Type', 'text/html; charset=utf-8');
  response.setHeader('Content-Length', Buffer.byteLength(html));
  response.end(html);
}
