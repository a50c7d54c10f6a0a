import { runScript } from '@/__tests__/support/script';

const run = (...words: string[]) => runScript('simulate', words);

describe('npm run simulate', () => {
  test('prints rows as JSON, and nothing else on standard output', async () => {
    const words = ['--json', '--quick', '--attacks', 'none,one-address', '--defenses', 'guard,nothing'];
    const { status, stdout } = await run(...words);
    expect(status).toBe(0);
    const share = expect.any(Number);
    const row = { stopped: share, blocked: share, challenged: share, spent: share, saved: share, botsPassing: 0.15 };
    expect(JSON.parse(stdout)).toEqual({
      rows: [
        { ...row, attack: 'none', defense: 'guard', blocked: 0 },
        { ...row, attack: 'none', defense: 'nothing', blocked: 0 },
        { ...row, attack: 'one-address', defense: 'guard' },
        { ...row, attack: 'one-address', defense: 'nothing', stopped: 0, saved: 0 },
      ],
    });
  });

  test('prints its usage with --help', async () => {
    expect(await run('--help')).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^Usage: npm run -s simulate/),
    });
  });

  test.each([
    [['--attacks', 'moon'], /^--attacks: moon is unknown\. Choose from none, one-address, /],
    [['--bots', '15'], /^--bots must be shares from 0 to 1/],
    [['--seeds', 'x'], /^--seeds must be whole numbers/],
    [['--set', 'x'], /^--set must be like CREDIT_PER_RANGE=/],
  ])('refuses %j, with 2', async (words, said) => {
    expect(await run(...words)).toMatchObject({ status: 2, stdout: '', stderr: expect.stringMatching(said) });
  });
});
