import { request } from 'undici';
import type { TestApp } from '@/__tests__/support/app';

/** What a browser without script gets. */
export interface Page {
  readonly status: number;
  readonly text: string;
  /** Where the page leads, by `Location` or `Refresh`. */
  readonly next: string | undefined;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** A browser: it keeps cookies, but follows no redirect. */
export class Browser {
  /** The cookies, by name and path. */
  readonly #cookies = new Map<string, { name: string; value: string; path: string }>();

  constructor(private readonly apps: () => TestApp) {}

  async open(path: string, headers: Record<string, string> = {}): Promise<Page> {
    return this.#request('GET', path, undefined, headers);
  }

  async post(
    path: string,
    fields: Record<string, string>,
    headers: Record<string, string> = { 'Sec-Fetch-Site': 'same-origin' },
  ): Promise<Page> {
    return this.#request('POST', path, new URLSearchParams(fields).toString(), {
      'Content-Type': 'application/x-www-form-urlencoded',
      ...headers,
    });
  }

  /** Posts JSON like the page's script. */
  async json(path: string, body: object): Promise<{ status: number; body: Record<string, unknown> }> {
    const { status, text } = await this.#request('POST', path, JSON.stringify(body), {
      'Content-Type': 'application/json',
      'Sec-Fetch-Site': 'same-origin',
    });
    return { status, body: JSON.parse(text) as Record<string, unknown> };
  }

  get cookies(): readonly { name: string; value: string; path: string }[] {
    return [...this.#cookies.values()];
  }

  /** Puts a cookie in place of one that the server set. */
  setCookie(name: string, value: string): void {
    this.#cookies.set(`${name} /`, { name, value, path: '/' });
  }

  #cookieHeader(path: string): string {
    const sent = this.cookies.filter((cookie) => path.startsWith(cookie.path));
    return sent.map(({ name, value }) => `${name}=${value}`).join('; ');
  }

  async #request(
    method: 'GET' | 'POST',
    path: string,
    body: string | undefined,
    headers: Record<string, string>,
  ): Promise<Page> {
    const cookie = this.#cookieHeader(path);
    const reply = await request(this.apps().url + path, {
      method,
      ...(body !== undefined && { body }),
      headers: { ...headers, ...(cookie !== '' && { cookie }) },
    });
    for (const line of [reply.headers['set-cookie'] ?? []].flat()) {
      const [pair = '', ...attributes] = line.split(/;\s*/);
      const [name = '', value = ''] = pair.split(/=(.*)/s);
      const path = attributes.find((one) => /^path=/i.test(one))?.slice(5) ?? '/';
      const isGone = attributes.some((one) => /^max-age=0$|^expires=thu, 01 jan 1970/i.test(one));
      if (isGone) this.#cookies.delete(`${name} ${path}`);
      else this.#cookies.set(`${name} ${path}`, { name, value, path });
    }
    const { location, refresh } = reply.headers;
    const next = String(location ?? refresh ?? '').replace(/^0; url=/, '');
    return {
      status: reply.statusCode,
      text: await reply.body.text(),
      next: next === '' ? undefined : next,
      headers: reply.headers,
    };
  }
}

/** The path of an address on this server. */
export const pathOf = (url: string | undefined): string => {
  const { pathname, search } = new URL(url ?? '', 'http://localhost');
  return pathname + search;
};
