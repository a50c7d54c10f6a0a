import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Lints one import at a place in the tree, under the project's own rules. */
function lintImport(file: string, imported: string): boolean {
  const root = mkdtempSync(path.join(tmpdir(), 'borders-'));
  try {
    for (const kept of ['biome.json', '.gitignore', 'package.json']) copyFileSync(kept, path.join(root, kept));
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), `import { x } from '${imported}';\n\nexport const y = x;\n`);
    const biome = path.resolve('node_modules/@biomejs/biome/bin/biome');
    const { stdout, stderr } = spawnSync(process.execPath, [biome, 'lint', file], { cwd: root, encoding: 'utf8' });
    if (!/Checked 1 file/.test(stdout + stderr)) throw new Error(stdout + stderr);
    return !/noRestrictedImports/.test(stdout + stderr);
  } finally {
    rmSync(root, { recursive: true });
  }
}

test.each([
  ['lib/verification/x.ts', '@/lib/methods/phone/send-code'],
  ['lib/verification/x.ts', '@/lib/services'],
  ['lib/infobip/x.ts', '@/lib/store/store'],
  ['lib/infobip/x.ts', '@/lib/methods/phone/send-code'],
  ['lib/store/x.ts', '@/lib/infobip/client'],
  ['lib/http/x.ts', '@/lib/services'],
  ['lib/http/x.ts', '@/lib/infobip/client'],
  ['lib/openid/x.ts', '@/lib/http/route'],
  ['lib/x.ts', '@/simulator/seed'],
  ['lib/x.ts', '@/components/phone/phone-form'],
  ['components/x.tsx', '@/lib/config/config'],
  ['components/x.tsx', 'zod'],
  ['pages/x.tsx', '@/lib/infobip/client'],
  ['pages/x.tsx', '@/simulator/seed'],
  ['simulator/x.ts', '@/lib/errors'],
  ['lib/http/x.ts', '../errors'],
  ['lib/webhooks/x.ts', '@/lib/store/stores'],
  ['lib/store/x.ts', '@/lib/webhooks/webhooks'],
])('the linter stops %s from importing %s', (file, imported) => {
  expect(lintImport(file, imported)).toBe(false);
});

test.each([
  ['lib/verification/x.ts', '@/lib/store/store'],
  ['lib/http/x.ts', '@/lib/methods/phone/send-code'],
  ['components/x.tsx', '@/lib/contract'],
  ['components/x.tsx', '@/lib/i18n/say'],
  ['lib/verification/x.ts', '@/lib/i18n/languages'],
  ['lib/store/x.ts', '@/lib/i18n/languages'],
  ['pages/api/x.ts', '@/lib/services'],
  ['lib/store/x.ts', '@/lib/webhooks/queue'],
  ['lib/methods/x.ts', '@/lib/webhooks/webhooks'],
  ['simulator/x.ts', './seed'],
])('the linter lets %s import %s', (file, imported) => {
  expect(lintImport(file, imported)).toBe(true);
});
