import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { SetupFolder } from '@/__tests__/support/setup';
import { draftFor, readEnvFile, tryWriting, writeEnvFile } from '@/scripts/setup/env-file';

const NOBODY = 65_534;

/** Root may write anywhere, so tests that run as root briefly become another user, who owns these files. */
function asOrdinaryUser(files: readonly string[], act: () => void): void {
  if (process.geteuid?.() !== 0) {
    act();
    return;
  }
  for (const file of files) chownSync(file, NOBODY, NOBODY);
  process.seteuid?.(NOBODY);
  try {
    act();
  } finally {
    process.seteuid?.(0);
  }
}

let folder: SetupFolder;
beforeEach(() => {
  folder = new SetupFolder();
});
afterEach(() => folder.remove());

describe('an env file', () => {
  test('counts as empty if it is missing, and is created for its owner alone', () => {
    const file = readEnvFile(folder.envFile);
    expect(file).toMatchObject({ text: '', isOpen: false });
    tryWriting(file);
    expect(existsSync(folder.envFile)).toBe(false);
    writeEnvFile(file, () => 'A=1\n');
    expect([readFileSync(folder.envFile, 'utf8'), statSync(folder.envFile).mode & 0o777]).toEqual(['A=1\n', 0o600]);
  });

  test('keeps a change that was made during the questions', () => {
    writeFileSync(folder.envFile, 'A=1\n');
    const file = readEnvFile(folder.envFile);
    writeFileSync(folder.envFile, 'A=2\n');
    writeEnvFile(file, (text) => `${text}B=1\n`);
    expect(readFileSync(folder.envFile, 'utf8')).toBe('A=2\nB=1\n');
  });

  test('stays as it was if the change fails, with nothing left beside it', () => {
    writeFileSync(folder.envFile, 'A=1\n');
    const fail = () => {
      throw new Error('no');
    };
    expect(() => writeEnvFile(readEnvFile(folder.envFile), fail)).toThrow('no');
    expect(readFileSync(folder.envFile, 'utf8')).toBe('A=1\n');
    expect(readdirSync(folder.path)).toEqual(['.env.local']);
  });

  test('leaves nothing beside it if the disk refuses the bytes, or the file system its name', () => {
    const write =
      "require('./scripts/setup/env-file.ts').writeEnvFile({ name: 'it', target: process.argv[1] }, () => 'A=1')";
    const line = `ulimit -f 0; exec '${process.execPath}' --import tsx -e "${write}" '${folder.envFile}'`;
    expect(spawnSync('sh', ['-c', line], { encoding: 'utf8' }).stderr).toMatch(/it cannot be used .* \(EFBIG\)/);
    const file = readEnvFile(folder.envFile);
    const block = () => {
      mkdirSync(folder.envFile);
      return 'A=1\n';
    };
    expect(() => writeEnvFile(file, block)).toThrow(/cannot be used .* \(EISDIR\)/);
    expect(readdirSync(folder.path)).toEqual(['.env.local']);
  });

  test.each(['.env.local', 'production.conf'])('is written through a name that git ignores, even as %s', (name) => {
    copyFileSync('.gitignore', folder.file('.gitignore'));
    // A git hook, which may run the tests, points git to its own repository.
    const env = { PATH: process.env.PATH } as unknown as NodeJS.ProcessEnv;
    const git = (...words: string[]) => spawnSync('git', ['-C', folder.path, ...words], { env }).status;
    const draft = draftFor(folder.file(name));
    expect([git('init'), git('check-ignore', draft), git('check-ignore', 'other')]).toEqual([0, 0, 1]);
  });

  test.each([
    ['a folder', (name: string) => mkdirSync(name), /is not a file/],
    ['a device', (name: string) => symlinkSync('/dev/null', name), /is not a file/],
    ['a link to nothing', (name: string) => symlinkSync(`${name}-2`, name), /cannot be used .* \(ENOENT\)/],
    ['a link to itself', (name: string) => symlinkSync(name, name), /cannot be used .* \(ELOOP\)/],
    ['not UTF-8', (name: string) => writeFileSync(name, Buffer.from([0x23, 0xe9, 0x0a])), /is not UTF-8/],
  ])('is refused if it is %s', (_kind, make, message) => {
    make(folder.envFile);
    expect(() => readEnvFile(folder.envFile)).toThrow(message);
  });

  test('is refused in a folder that is missing, or that is not a folder', () => {
    writeFileSync(folder.keyFile, '');
    expect(() => readEnvFile(folder.file('missing/.env.local'))).toThrow(/cannot be used .* \(ENOENT\)/);
    expect(() => readEnvFile(`${folder.keyFile}/.env.local`)).toThrow(/cannot be used .* \(ENOTDIR\)/);
  });

  test.each([
    ['the file', '.env.local', 0o400],
    ['the folder', '.', 0o500],
  ])('is refused without permission to write to %s', (_kind, name, mode) => {
    writeFileSync(folder.envFile, '');
    chmodSync(folder.file(name), mode);
    try {
      asOrdinaryUser([folder.path, folder.envFile], () => {
        expect(() => tryWriting(readEnvFile(folder.envFile))).toThrow(/cannot be used .* \(EACCES\)/);
      });
    } finally {
      chmodSync(folder.file(name), 0o700);
    }
  });
});
