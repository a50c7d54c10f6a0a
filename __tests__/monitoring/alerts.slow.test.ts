import { readFileSync } from 'node:fs';
import { ApiKey } from '@/__tests__/keys/api-key';
import { promtool, testWithPromtool } from '@/__tests__/support/promtool';
import { useApp } from '@/__tests__/support/use-app';
import { ERRORS } from '@/lib/errors';
import { CREDIT_POLICIES } from '@/lib/limits/credit';
import { OTHER_LIMITS, POLICIES } from '@/lib/limits/policies';
import { EVENTS } from '@/lib/observability/events';
import { WEBHOOK_OUTCOMES } from '@/lib/webhooks/webhooks';

const TOKEN = 'a-token-of-the-metrics-in-this-test';
const FOLDER = 'deploy/monitoring';

const alerts = readFileSync(`${FOLDER}/alerts.yml`, 'utf8');
const alertTests = readFileSync(`${FOLDER}/alerts.test.yml`, 'utf8');
const dashboard = readFileSync(`${FOLDER}/grafana-dashboard.json`, 'utf8');
const guide = readFileSync('docs/operations.md', 'utf8');

/** Every query of the dashboard, each on its own line. */
const dashboardQueries = (JSON.parse(dashboard) as { panels: { targets: { expr: string }[] }[] }).panels
  .flatMap(({ targets }) => targets.map(({ expr }) => expr))
  .join('\n');

const ours = (text: string) => [...new Set(text.match(/\bphone_verification_[a-z_]+/g))];

/** What the app really exports: names of samples, each with its labels. */
const exported = new Map<string, Set<string>>();
let text = '';

/** An API client, so that the metrics of clients exist. */
const key = new ApiKey('shop');
const { app, simulator } = useApp({ METRICS_TOKEN: TOKEN, API_CLIENTS: JSON.stringify([key.row()]) });
beforeAll(async () => {
  const { body } = await app.send('+14155552671', {}, key.headers());
  await app.verify(body.pinId, await simulator.pinFor('+14155552671'), key.headers());
  ({ text } = await app.metrics(TOKEN));
  for (const [, name = '', labels = ''] of text.matchAll(/^([a-z_]+[a-z0-9_]*)(?:\{(.*)\})? /gm)) {
    const known = exported.get(name) ?? new Set<string>();
    for (const [, label = ''] of labels.matchAll(/([a-z_]+)="/g)) known.add(label);
    exported.set(name, known);
  }
});

describe.each([
  ['the alerts', alerts],
  ['the tests of the alerts', alertTests],
  ['the dashboard', dashboardQueries],
])('%s', (_, queries) => {
  test('use metrics that the app exports', () => {
    expect(ours(queries).length).toBeGreaterThan(5);
    expect(ours(queries).filter((name) => !exported.has(name))).toEqual([]);
  });

  test('select by labels that these metrics have', () => {
    for (const [, name = '', selector = ''] of queries.matchAll(/\b(phone_verification_[a-z_]+)\{([^}]*)\}/g)) {
      const labels = [...selector.matchAll(/([a-z_]+)\s*(?:=~|!~|!=|=)\s*"/g)].map(([, label]) => label ?? '');
      const unknown = labels.filter((label) => label !== 'instance' && !exported.get(name)?.has(label));
      expect({ name, unknown }).toEqual({ name, unknown: [] });
    }
  });

  test('name values that these labels have', () => {
    const values: Record<string, readonly string[]> = {
      outcome: [...Object.keys(ERRORS), ...WEBHOOK_OUTCOMES, 'sent', 'verified', 'wrong', 'ok', 'error'],
      event: Object.keys(EVENTS),
      limit: [...Object.keys(POLICIES), ...OTHER_LIMITS, ...Object.keys(CREDIT_POLICIES)],
      operation: ['send', 'resend', 'verify', 'claimAttempt'],
    };
    const selectors = queries.matchAll(/\b(outcome|event|limit|operation)(=~|!~|=)"([^"]*)"/g);
    for (const [, label = '', operator = '', value = ''] of selectors) {
      const known = values[label] ?? [];
      const parts = operator === '=' ? [value] : value.split('|');
      const unknown = parts.filter((part) => !known.some((name) => new RegExp(`^(?:${part})$`).test(name)));
      expect({ label, unknown }).toEqual({ label, unknown: [] });
    }
  });
});

describe('the dashboard', () => {
  test('shows every metric of the app', () => {
    const shown = new Set(ours(dashboardQueries).map((name) => name.replace(/_(bucket|count|sum)$/, '')));
    const all = [...text.matchAll(/^# TYPE (phone_verification_[a-z_]+)/gm)].map(([, name]) => name ?? '');
    expect(all.filter((name) => !shown.has(name))).toEqual([]);
  });

  test('uses Node metrics that exist', () => {
    const names = dashboardQueries.match(/\b(?:nodejs|process)_[a-z0-9_]+/g) ?? [];
    expect(names.filter((name) => !exported.has(name))).toEqual([]);
  });
});

describe('the alerts', () => {
  const names = [...alerts.matchAll(/- alert: (\w+)/g)].map(([, name]) => name ?? '');

  test('each link to a section of the runbook', () => {
    const headings = [...guide.matchAll(/^### (.+)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replace(/[^a-z0-9 -]/g, '')
        .replaceAll(' ', '-'),
    );
    const anchors = [...alerts.matchAll(/runbook: 'docs\/operations\.md#([^']+)'/g)].map(([, anchor]) => anchor);
    expect(anchors).toHaveLength(names.length);
    expect(anchors.filter((anchor) => !headings.includes(anchor ?? ''))).toEqual([]);
  });

  test('each have a test', () => {
    expect(names.filter((name) => !alertTests.includes(`alertname: ${name}\n`))).toEqual([]);
  });

  testWithPromtool('are valid rules, and fire when they should', () => {
    expect(promtool(['check', 'rules', `${FOLDER}/alerts.yml`])).toMatchObject({ status: 0 });
    const { status, output } = promtool(['test', 'rules', `${FOLDER}/alerts.test.yml`]);
    expect({ status, output }).toMatchObject({ status: 0 });
  });

  testWithPromtool('use metrics that Prometheus accepts', () => {
    const { output } = promtool(['check', 'metrics'], text);
    // Without this filter, the output would also have some of Node's own metrics.
    expect(output.split('\n').filter((line) => line.startsWith('phone_verification_'))).toEqual([]);
  });
});

describe('docs/operations.md', () => {
  test('lists every metric, and no others', () => {
    const listed = [...guide.matchAll(/^\| `(phone_verification_[a-z_]+)`/gm)].map(([, name]) => name ?? '');
    const all = [...text.matchAll(/^# TYPE (phone_verification_[a-z_]+)/gm)].map(([, name]) => name ?? '');
    expect(listed.sort()).toEqual(all.sort());
  });

  test('lists every event with its level', () => {
    const listed = [...guide.matchAll(/^\| `([a-z_]+\.[a-z_]+)` \| (\w+) \|/gm)].map(([, name, level]) => [
      name,
      level,
    ]);
    expect(Object.fromEntries(listed)).toEqual(EVENTS);
  });
});
