import { SECRET_VARIABLES } from '@/lib/config/documentation';
import type { Finding, Status } from './finding';

const WORDS: Readonly<Record<Status, string>> = { ok: 'ok', warn: 'warn', fail: 'FAIL', skipped: 'skipped' };
/** ANSI: green, yellow, red, grey. */
const COLORS: Readonly<Record<Status, number>> = { ok: 32, warn: 33, fail: 31, skipped: 90 };

const WORD_WIDTH = 'skipped'.length;
/** The longest name of a check. */
const NAME_WIDTH = 'application-settings'.length;
/** Shorter values also occur in ordinary words, and reveal nothing. */
const MIN_SECRET_LENGTH = 6;

/** Everything in the environment that must not be printed, the longest first. */
function secretsIn(env: NodeJS.ProcessEnv): readonly string[] {
  const values = SECRET_VARIABLES.flatMap((name) => {
    const value = env[name]?.trim() ?? '';
    const url = URL.canParse(value) ? new URL(value) : undefined;
    const inUrl = url ? [url.password, safeDecode(url.password)] : [];
    const inJwk = [...value.matchAll(/"d"\s*:\s*"([^"]+)"/g)].map(([, d = '']) => d);
    return [value, ...value.split(','), ...inUrl, ...inJwk];
  });
  return [...new Set(values)].filter(({ length }) => length >= MIN_SECRET_LENGTH).sort((a, b) => b.length - a.length);
}

function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Control characters and marks of direction, which could change what a terminal shows. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu;

/** Removes secrets from findings. Our checks put none into them, but Infobip's words and names in an account might. */
export function clean(findings: readonly Finding[], env: NodeJS.ProcessEnv): readonly Finding[] {
  const secrets = secretsIn(env);
  const tidy = (text: string) =>
    secrets.reduce((rest, secret) => rest.replaceAll(secret, '…'), text.replace(UNPRINTABLE, ' '));
  return findings.map(({ check, status, finding, remedy }) => ({
    check,
    status,
    finding: tidy(finding),
    remedy: tidy(remedy),
  }));
}

/** Findings for people: one line each, with what to do on the next. */
export function render(findings: readonly Finding[], inColor: boolean): string {
  const indent = ' '.repeat(WORD_WIDTH + NAME_WIDTH + 4);
  const paint = (status: Status, text: string) => (inColor ? `\u001b[${COLORS[status]}m${text}\u001b[0m` : text);
  const lines = findings.map(({ check, status, finding, remedy }) => {
    const word = paint(status, WORDS[status].padEnd(WORD_WIDTH));
    return `${word}  ${check.padEnd(NAME_WIDTH)}  ${finding}\n${remedy ? `${indent}${remedy}\n` : ''}`;
  });
  return lines.join('');
}

/** The last line, for people. */
export function summarize(findings: readonly Finding[]): string {
  const count = (status: Status) => findings.filter((one) => one.status === status).length;
  const figures = `${count('ok')} ok, ${count('warn')} to look at (warn), ${count('fail')} to fix (FAIL), ${count('skipped')} skipped.`;
  return `\n${figures} ${count('fail') > 0 ? 'Fix what is marked FAIL.' : 'There is nothing to fix.'}\n`;
}
