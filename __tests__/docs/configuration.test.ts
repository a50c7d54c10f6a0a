import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { testEnvironment } from '@/__tests__/support/app';
import { runScriptIn } from '@/__tests__/support/script';
import { loadConfig } from '@/lib/config/config';
import { DOCUMENTATION, type Documentation } from '@/lib/config/documentation';
import { environment, VARIABLES } from '@/lib/config/environment';
import { SEED } from '@/simulator/seed';

const documented: [string, Documentation][] = Object.entries(DOCUMENTATION);
const load = (given: object) => loadConfig(given as NodeJS.ProcessEnv);
const covers = (key: string, name: string) =>
  key === name || (key.endsWith('_*') && name.startsWith(key.slice(0, -1)) && /_[A-Z]{2}$/.test(name));

describe('npm run configuration', () => {
  const FILES = ['docs/configuration.md', '.env.example'];
  let tree: string;
  beforeAll(() => {
    tree = mkdtempSync(path.join(tmpdir(), 'configuration-'));
    for (const copied of ['lib', 'scripts', 'simulator', 'tsconfig.json', 'package.json', ...FILES])
      cpSync(copied, path.join(tree, copied), { recursive: true });
    symlinkSync(path.resolve('node_modules'), path.join(tree, 'node_modules'));
  });
  afterAll(() => rmSync(tree, { recursive: true }));

  const run = (...words: string[]) => runScriptIn(tree, 'configuration', words);
  const read = (file: string) => readFileSync(path.join(tree, file), 'utf8');

  test('has been run: the documents are up to date', async () => {
    expect(await run('--check')).toMatchObject({ status: 0, stdout: '', stderr: '' });
  });

  test('with --check names outdated documents and the remedy, and writes nothing; without, it updates them', async () => {
    const before = FILES.map(read);
    const stale = before.map((text) => text.replaceAll('120000', '90000'));
    for (const [i, file] of FILES.entries()) writeFileSync(path.join(tree, file), stale[i] ?? '');
    expect(await run('--check')).toMatchObject({
      status: 1,
      stderr: FILES.map((file) => `${file} is out of date. Run: npm run configuration\n`).join(''),
    });
    expect(FILES.map(read)).toEqual(stale);
    expect((await run()).status).toBe(0);
    expect(FILES.map(read)).toEqual(before);
  });

  test('keeps hand-written text around the tables', async () => {
    const before = read('docs/configuration.md');
    const changed = before.replace('# Configuration', '# Settings');
    writeFileSync(path.join(tree, 'docs/configuration.md'), changed);
    expect([(await run()).status, read('docs/configuration.md')]).toEqual([0, changed]);
    writeFileSync(path.join(tree, 'docs/configuration.md'), before);
  });

  test('prints its usage for unknown arguments', async () => {
    expect(await run('--chek')).toMatchObject({ status: 2, stderr: expect.stringMatching(/^Usage: /) });
    const swallowed = await runScriptIn(tree, 'configuration', [], { npm_config_check: 'true' });
    expect(swallowed).toMatchObject({ status: 2, stderr: expect.stringMatching(/^Usage: /) });
  });
});

describe('the documentation of variables', () => {
  test('has a meaning for every variable, once, and for no others', () => {
    for (const name of [...VARIABLES, 'SIMULATOR_PORT']) {
      const meanings = documented.filter(([key]) => covers(key, name)).map(([, { meaning }]) => meaning);
      expect([name, meanings]).toEqual([name, [expect.stringMatching(/^[A-Z].{10,}\.$/)]]);
    }
    const known = [...VARIABLES, 'SIMULATOR_PORT'];
    expect(documented.filter(([key]) => !known.some((name) => covers(key, name)))).toEqual([]);
  });

  test('lists the required variables under their heading, and no others', () => {
    const required = VARIABLES.filter((name) => !environment.shape[name].safeParse(undefined).success);
    const account = documented.filter(([, { group }]) => group === 'account').map(([key]) => key);
    expect(account).toEqual(required);
  });

  test.each(documented.filter(([, { example }]) => example && !example.includes('…')))(
    'has an example for %s that the schema accepts',
    (name, { example }) => {
      const four = testEnvironment('https://abc12.api.infobip.com');
      expect(() => load({ ...four, [name]: example })).not.toThrow();
    },
  );

  test('says for every optional variable what happens without it', () => {
    const silent = documented.filter(([key, { unset }]) => {
      const absent = environment.shape[key as (typeof VARIABLES)[number]]?.safeParse(undefined);
      return absent?.success && !unset && String(absent.data ?? '') === '';
    });
    expect(silent).toEqual([]);
  });

  test('links to headings that exist', () => {
    const slugs = (text: string) =>
      [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
        title
          .toLowerCase()
          .replace(/[^\w -]/g, '')
          .replace(/ /g, '-'),
      );
    for (const [key, { see }] of documented) {
      const [file = '', slug] = see?.split('#') ?? [];
      if (see)
        expect([key, slugs(readFileSync(`docs/${file}`, 'utf8'))]).toEqual([key, expect.arrayContaining([slug])]);
    }
  });

  test('is not part of the built app, nor is the schema part of the page', () => {
    const holders = (folder: string, text: string) =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.js'))
        .filter((file) => readFileSync(path.join(folder, file), 'utf8').includes(text));
    const { meaning } = DOCUMENTATION.PIN_TTL_SECONDS;
    expect([...holders('.next/server', meaning), ...holders('.next/static', meaning)]).toEqual([]);
    const name = 'RESEND_COOLDOWN_SECONDS';
    expect(holders('.next/server', name)).not.toEqual([]);
    expect(holders('.next/static', name)).toEqual([]);
  });
});

describe('.env.example', () => {
  const text = readFileSync('.env.example', 'utf8');
  const asItStands = parseEnv(text);

  test('works unchanged with the simulator', () => {
    expect(load(asItStands).infobip).toMatchObject({
      baseUrl: 'http://127.0.0.1:4010',
      apiKey: SEED.apiKey,
      appId: SEED.applicationId,
    });
  });

  test('shows the defaults: its commented lines change nothing', () => {
    const shown = parseEnv(text.replace(/^#(?=[A-Z])/gm, ''));
    const withDefault = VARIABLES.filter((name) => {
      const { success, data } = environment.shape[name].safeParse(undefined);
      return success && String(data ?? '') !== '';
    });
    expect(withDefault).toEqual(expect.arrayContaining(['PIN_LENGTH', 'RESEND_COOLDOWN_SECONDS', 'PORT']));
    const defaults = Object.fromEntries(withDefault.map((name) => [name, shown[name]]));
    expect(load({ ...asItStands, ...defaults })).toEqual(load(asItStands));
  });
});
