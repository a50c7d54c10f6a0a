import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { goodEnvironment, makeGood } from '@/__tests__/doctor/set-up';
import { TestSimulator } from '@/__tests__/support/simulator';
import type { Finding } from '@/scripts/doctor/finding';
import { readStages, type Stage, textOf, textsOf } from './dockerfile';

const stages = readStages();

const stageOf = (name: string): Stage => {
  const stage = stages.find((one) => one.name === name);
  if (!stage) throw new Error(`The Dockerfile has no ${name}`);
  return stage;
};

const operator = stageOf('operator');

/** What the stage copies, and the stage that it builds on; packages that npm installs there are linked. */
function assemble(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'operator-'));
  for (const text of [stageOf(operator.from), operator].flatMap((stage) => textsOf(stage, 'COPY'))) {
    const words = text.split(' ');
    const target = words.pop() ?? '';
    for (const source of words)
      cpSync(source, path.join(folder, target, target.endsWith('/') ? source : ''), { recursive: true });
  }
  symlinkSync(path.resolve('node_modules'), path.join(folder, 'node_modules'));
  return folder;
}

let folder: string;
let simulator: TestSimulator;
beforeAll(async () => {
  folder = assemble();
  simulator = await TestSimulator.start();
  await makeGood(simulator);
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await simulator.close();
});

/** Runs a command as `docker compose run operator` does. */
function run(words: readonly string[], environment: Record<string, string> = {}) {
  const [program, ...first] = JSON.parse(textOf(operator, 'ENTRYPOINT')) as string[];
  if (program !== 'node') throw new Error('Cannot run this program');
  const env = { PATH: process.env.PATH, ...environment } as unknown as NodeJS.ProcessEnv;
  return new Promise<{ status: number | null; stdout: string; stderr: string }>((resolve) => {
    const child = execFile(process.execPath, [...first, ...words], { cwd: folder, env }, (_, stdout, stderr) =>
      resolve({ status: child.exitCode, stdout, stderr }),
    );
  });
}

describe("the image of the operators' commands", () => {
  test('is enough for the doctor to check everything', async () => {
    const { status, stdout, stderr } = await run(['scripts/doctor.ts', '--json'], goodEnvironment(simulator));
    expect([status, stderr]).toEqual([0, expect.stringContaining(`Asks ${simulator.url}`)]);
    const findings = JSON.parse(stdout) as Finding[];
    expect(findings).toContainEqual(expect.objectContaining({ check: 'templates', status: 'ok' }));
  });

  test.each(['doctor', 'setup', 'unlock', 'erase', 'keys'])('is enough for scripts/%s.ts to start', async (name) => {
    const { status, stdout, stderr } = await run([`scripts/${name}.ts`, '--help']);
    expect([status, stdout + stderr]).toEqual([0, expect.stringMatching(/^Usage: npm run /)]);
  });
});
