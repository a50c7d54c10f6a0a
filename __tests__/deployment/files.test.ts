import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parse } from 'yaml';
import { testEnvironment } from '@/__tests__/support/app';
import { loadConfig } from '@/lib/config/config';
import { termsOf } from '@/lib/limits/terms';
import vercel from '@/vercel.json';

interface Network {
  ipv4_address?: string;
}

interface Service {
  image: string;
  read_only?: boolean;
  cap_drop?: string[];
  security_opt?: string[];
  user?: string;
  init?: boolean;
  ports?: string[];
  command?: string[];
  env_file?: string;
  environment?: Record<string, string>;
  stop_signal?: string;
  stop_grace_period?: string;
  profiles?: string[];
  volumes?: string[];
  networks: string[] | Record<string, Network | null>;
  extra_hosts?: Record<string, string>;
  depends_on?: Record<string, { condition: string }>;
  healthcheck?: object;
}

interface Compose {
  services: Record<string, Service>;
  networks: Record<string, { internal?: boolean } | null>;
  volumes: Record<string, object | null>;
}

const UNIT = 'deploy/phone-verification.service';
const read = (file: string) => readFileSync(file, 'utf8');

const compose = parse(read('compose.yaml'), { merge: true }) as Compose;
const unit = read(UNIT);
const site = read('deploy/nginx.conf');

const service = (name: string): Service => {
  const found = compose.services[name];
  if (!found) throw new Error(`compose.yaml has no ${name}`);
  return found;
};
const networksOf = ({ networks }: Service) => (Array.isArray(networks) ? networks : Object.keys(networks));
const addressOf = ({ networks }: Service) => (Array.isArray(networks) ? undefined : networks.web?.ipv4_address);

describe('everything that can cut an answer short', () => {
  const { resend } = termsOf(loadConfig(testEnvironment('http://127.0.0.1') as unknown as NodeJS.ProcessEnv), 1);
  const longestAnswerSeconds = (resend.message?.holdMs ?? 0) / 1000;
  const secondsIn = (pattern: RegExp, text: string) => Number(pattern.exec(text)?.[1]);

  test.each([
    ['compose.yaml, app-1', Number.parseInt(service('app-1').stop_grace_period ?? '', 10)],
    ['compose.yaml, app-2', Number.parseInt(service('app-2').stop_grace_period ?? '', 10)],
    ['compose.yaml, proxy', Number.parseInt(service('proxy').stop_grace_period ?? '', 10)],
    ['deploy/nginx.conf', secondsIn(/^ *proxy_read_timeout (\d+)s;$/m, site)],
    [UNIT, secondsIn(/^TimeoutStopSec=(\d+)$/m, unit)],
    ['vercel.json', vercel.functions['pages/api/**/*.ts'].maxDuration],
  ])('waits for the longest possible answer: %s', (_, seconds) => {
    expect(seconds).toBeGreaterThan(longestAnswerSeconds);
  });
});

describe('compose.yaml', () => {
  test('has two instances of one image, which differ only in their address', () => {
    const [one, two] = [service('app-1'), service('app-2')];
    expect({ ...one, networks: null }).toEqual({ ...two, networks: null });
    expect(addressOf(one)).not.toBe(addressOf(two));
  });

  test.each(Object.keys(compose.services))('%s has a read-only file system and no capabilities', (name) => {
    const { read_only, cap_drop, security_opt } = service(name);
    expect({ read_only, cap_drop, security_opt }).toEqual({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
    });
  });

  test('exposes only the proxy, and keeps Redis in an internal network', () => {
    const published = Object.keys(compose.services).filter((name) => service(name).ports);
    expect(published).toEqual(['proxy']);
    expect(networksOf(service('redis'))).toEqual(['state']);
    expect(compose.networks.state?.internal).toBe(true);
    expect(networksOf(service('proxy'))).toEqual(['web']);
  });

  test("lets operators' commands reach Redis and Infobip", () => {
    const networks = networksOf(service('operator'));
    expect(networks).toContain('state');
    expect(networks.filter((name) => !compose.networks[name]?.internal)).not.toEqual([]);
  });

  test('makes Redis keep its data, in memory and across restarts', () => {
    expect(service('redis').command?.join(' ')).toMatch(/--appendonly yes .*--maxmemory-policy noeviction/);
    expect(service('redis').volumes).toEqual(['redis-data:/data']);
  });

  test('lets the instances and the operator share one database of factors, in a folder of its own', () => {
    for (const name of ['app-1', 'app-2', 'operator']) {
      expect(service(name).environment?.DATA_DIR).toBe('/data');
      expect(service(name).volumes).toEqual(['factors-data:/data']);
    }
    expect(compose.volumes).toHaveProperty('factors-data');
    const images = read('Dockerfile').match(/^RUN install -d -m 700 -o node -g node \/data$/gm);
    expect(images).toHaveLength(2);
  });

  test('starts an instance when Redis answers, and the proxy when both instances do', () => {
    const healthy = { condition: 'service_healthy' };
    expect(service('app-1').depends_on).toEqual({ redis: healthy });
    expect(service('redis').healthcheck).toBeDefined();
    expect(service('proxy').depends_on).toEqual({ 'app-1': healthy, 'app-2': healthy });
  });

  test('gives the proxy the fixed address of each instance, under its name in nginx.conf', () => {
    const named = [...new Set([...site.matchAll(/^ *server (app-\d):3000/gm)].map(([, name]) => name ?? ''))];
    expect(service('proxy').extra_hosts).toEqual(
      Object.fromEntries(named.map((name) => [name, addressOf(service(name))])),
    );
    expect(named).toEqual(['app-1', 'app-2']);
  });

  test('gives the app a configuration that it accepts', () => {
    const { environment = {}, env_file } = service('app-1');
    expect(env_file).toBe('.env.compose');
    const given = { ...testEnvironment('http://127.0.0.1:4010'), ...environment, TRUSTED_PROXY_HOPS: '1' };
    expect(loadConfig(given as unknown as NodeJS.ProcessEnv).redisUrl).toBe('redis://redis:6379/0');
    expect(environment.TRUSTED_PROXY_HOPS).toBe(`\${TRUSTED_PROXY_HOPS:-1}`);
  });
});

const analyzes = spawnSync('systemd-analyze', ['--version']).status === 0;
if (!analyzes && !process.env.CI)
  process.stderr.write('The test of the systemd unit skipped: no systemd-analyze found.\n');
const testOfUnit = analyzes || process.env.CI ? test : test.skip;

describe(UNIT, () => {
  /** systemd's verdict on the unit, installed under the given name. */
  function analyze(verb: string, name: string) {
    const folder = mkdtempSync(path.join(tmpdir(), 'unit-'));
    // systemd checks that the program exists, and node may be elsewhere on this machine.
    writeFileSync(path.join(folder, name.replace(/@.*\./, '@.')), unit.replace('/usr/bin/node', process.execPath));
    const words = verb === 'security' ? ['security', '--offline=true', '--threshold=20'] : [verb];
    const result = spawnSync('systemd-analyze', [...words, path.join(folder, name)], { encoding: 'utf8' });
    rmSync(folder, { recursive: true });
    return { status: result.status, stderr: result.stderr };
  }

  testOfUnit.each(['phone-verification.service', 'phone-verification@3001.service'])(
    'is a valid unit when installed as %s',
    (name) => {
      expect(analyze('verify', name)).toEqual({ status: 0, stderr: '' });
    },
  );

  testOfUnit('has an exposure of at most 2.0 of 10, as systemd counts it', () => {
    expect(analyze('security', 'phone-verification.service').status).toBe(0);
  });

  test('reads secrets from a file, and holds none itself', () => {
    expect(unit).toMatch(/^EnvironmentFile=\/etc\/phone-verification\.env$/m);
    const set = [...unit.matchAll(/^Environment=(.*)$/gm)].flatMap(([, text = '']) => text.match(/\w+(?==)/g) ?? []);
    expect(set).toEqual(['NODE_ENV', 'NEXT_TELEMETRY_DISABLED', 'HOSTNAME', 'PORT', 'DATA_DIR']);
  });

  test('gives all its instances one user and one folder, which nobody else can open', () => {
    const settingOf = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(unit)?.[1];
    expect(['User', 'StateDirectory', 'StateDirectoryMode'].map(settingOf)).toEqual([
      'phone-verification',
      'phone-verification',
      '0700',
    ]);
    expect(unit).toMatch(/^Environment=DATA_DIR=%S\/phone-verification$/m);
  });
});
