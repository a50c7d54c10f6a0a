import type { ServerResponse } from 'node:http';

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '"': '&quot;' };

const escaped = (text: string): string => text.replace(/[&<"]/g, (sign) => escapes[sign] ?? '');

/**
 * Answers a form with a page that leads on at once. Not with a redirect: Chromium applies the policy `form-action 'self'`
 * to every redirect after a form, the next one to another application included.
 * @param url a path or an address that has been checked
 */
export function goTo(response: ServerResponse, url: string): void {
  const body = `<!doctype html><meta charset="utf-8"><title>…</title><a href="${escaped(url)}">→</a>`;
  response.statusCode = 200;
  response.setHeader('Refresh', `0; url=${url}`);
  response.setHeader('Content-Type', 'text/html; charset=utf-8');
  response.setHeader('Content-Length', Buffer.byteLength(body));
  response.setHeader('Cache-Control', 'no-store');
  response.end(body);
}
