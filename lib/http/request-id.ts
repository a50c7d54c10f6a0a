import { randomUUID } from 'node:crypto';

/** With a letter: digits alone could be a phone number. */
const WELL_FORMED = /^(?=.*[A-Za-z])[A-Za-z0-9-]{8,64}$/;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** Like those of traces (W3C Trace Context, §3.2.2), in which digits stand together by chance. */
const TRACE = /^(?=.*[a-f])[0-9a-f]{16,}$/i;

/** Seven digits in a row could be somebody's number. */
const isAboutNobody = (id: string): boolean =>
  UUID.test(id) || id.split('-').every((part) => !/\d{7}/.test(part) || TRACE.test(part));

/** The caller's `X-Request-Id` where it is well-formed, else a new one: it ends up in logs. */
export const requestId = (header: string | string[] | undefined): string =>
  typeof header === 'string' && WELL_FORMED.test(header) && isAboutNobody(header) ? header : randomUUID();
