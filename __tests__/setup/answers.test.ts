import { gatherAnswers } from '@/scripts/setup/answers';
import { readOptions } from '@/scripts/setup/options';
import type { Terminal } from '@/scripts/setup/terminal';

const FILE = { INFOBIP_BASE_URL: 'abc12.api.infobip.com', INFOBIP_API_KEY: 'key', APP_ORIGIN: 'https://a.example' };

const gather = (words: string[], file: Record<string, string> = FILE, terminal?: Terminal) =>
  gatherAnswers(readOptions(words), file, terminal);

/** A person who gives these answers in order. */
function person(...answers: string[]) {
  const asked: string[] = [];
  const terminal: Terminal = {
    ask: async (question, hidden) => {
      asked.push(`${hidden ? 'hidden: ' : ''}${question}`);
      return answers.shift() ?? '';
    },
    close: () => undefined,
  };
  return { asked, terminal };
}

beforeEach(() => {
  jest.spyOn(process.stdout, 'write').mockReturnValue(true);
});
afterEach(() => jest.restoreAllMocks());

describe('answers', () => {
  test('come from the env file, with defaults for what it cannot have', async () => {
    expect(await gather([])).toEqual({
      baseUrl: 'abc12.api.infobip.com',
      apiKey: 'key',
      origin: 'https://a.example',
      brand: undefined,
      name: 'Phone verification',
      languages: ['en'],
      homeCountry: undefined,
      budgetPerDay: '50',
      senders: '',
    });
  });

  test('the senders come from the option, then from the env file, and otherwise setup asks for them', async () => {
    const file = { ...FILE, INFOBIP_SENDER_IDS: 'GB:Example' };
    expect((await gather([], file)).senders).toBe('GB:Example');
    expect((await gather(['--senders', 'US:18335550100'], file)).senders).toBe('US:18335550100');
    const { asked, terminal } = person('', '', '', '', '', 'Example', 'GB:Example');
    expect((await gather([], FILE, terminal)).senders).toBe('GB:Example');
    expect(asked.filter((question) => question.startsWith('Registered senders'))).toHaveLength(2);
  });

  test('the answers about the guard come from the options, then from the env file', async () => {
    const file = { ...FILE, HOME_COUNTRY: 'GB', BUDGET_PER_DAY: '80' };
    expect(await gather([], file)).toMatchObject({ homeCountry: 'GB', budgetPerDay: '80' });
    const words = ['--home-country', 'us', '--budget-per-day', '12.5'];
    expect(await gather(words, file)).toMatchObject({ homeCountry: 'US', budgetPerDay: '12.5' });
  });

  test('setup asks for the answers about the guard, with a default for the budget and an optional home country', async () => {
    const { asked, terminal } = person('', '', '', 'XX', 'de', 'much', '30');
    expect(await gather([], FILE, terminal)).toMatchObject({ homeCountry: 'DE', budgetPerDay: '30' });
    expect(asked.filter((question) => question.startsWith('Country of most'))).toHaveLength(2);
    expect(asked.filter((question) => question.startsWith('What messages may cost'))).toHaveLength(2);
    const { terminal: silent } = person();
    expect(await gather([], FILE, silent)).toMatchObject({ homeCountry: undefined, budgetPerDay: '50' });
  });

  test('name the brand from the options, then from the env file, or none', async () => {
    const file = { ...FILE, BRAND_NAME: 'Example' };
    expect((await gather([], file)).brand).toBe('Example');
    expect((await gather(['--brand', 'Shop'], file)).brand).toBe('Shop');
    expect((await gather(['--brand', ''], file)).brand).toBeUndefined();
  });

  test('come from the options first', async () => {
    const words = ['--base-url', 'http://127.0.0.1:4010', '--origin', 'https://b.example', '--name', 'Shop'];
    expect(await gather([...words, '--languages', 'de, en,de'])).toMatchObject({
      baseUrl: 'http://127.0.0.1:4010',
      origin: 'https://b.example',
      name: 'Shop',
      languages: ['de', 'en'],
    });
  });

  test("keep the languages of the env file's templates, the one for everybody else first", async () => {
    const templates = { INFOBIP_2FA_MESSAGE_ID: 'B', INFOBIP_2FA_MESSAGE_ID_EN: 'A', INFOBIP_2FA_MESSAGE_ID_HR: 'B' };
    expect((await gather([], { ...FILE, ...templates })).languages).toEqual(['hr', 'en']);
  });

  test('are asked for if missing, again if unusable, and the key stays hidden', async () => {
    const { asked, terminal } = person(
      'ftp://x',
      'abc12.api.infobip.com',
      'App key',
      'key',
      '',
      'https://a.example',
      'two {{pin}}',
      'Example',
      '',
      'xx',
    );
    const answers = await gather([], {}, terminal);
    expect(answers).toMatchObject({
      baseUrl: 'abc12.api.infobip.com',
      apiKey: 'key',
      brand: 'Example',
      languages: ['en'],
    });
    expect(asked.filter((question) => question.startsWith('hidden: API key'))).toHaveLength(2);
    expect(asked.filter((question) => question.startsWith('Public address'))).toHaveLength(2);
    expect(asked.filter((question) => question.startsWith('Name that the page'))).toHaveLength(2);
    expect(asked.filter((question) => question.startsWith('Languages'))).toHaveLength(2);
  });

  test.each([
    ['INFOBIP_BASE_URL', '--base-url'],
    ['INFOBIP_API_KEY', '--api-key-file'],
    ['APP_ORIGIN', '--origin'],
  ])('are misuse if there is nobody to ask: without %s, %s is missing', async (name, option) => {
    const { [name]: _, ...rest } = FILE as Record<string, string>;
    await expect(gather([], rest)).rejects.toThrow(new RegExp(`^${option} is missing`));
  });

  test.each([
    [['--base-url', 'http://infobip.example'], /^--base-url must be an https origin/],
    [['--base-url', ''], /^--base-url must be an https origin/],
    [['--origin', 'https://a.example/path'], /^--origin must be an https origin/],
    [['--languages', 'en,xx'], /^--languages must be from en,de,es,fr,ar,hr/],
    [['--languages', ''], /^--languages must be from en,de,es,fr,ar,hr/],
    [['--home-country', 'USA'], /^--home-country must be a two-letter country code in capitals/],
    [['--budget-per-day', 'lots'], /^--budget-per-day must be an amount above 0/],
    [['--senders', 'Example'], /^--senders must be a sender for each country, like US:18335550100/],
    [['--brand', '{{pin}}'], /^--brand must be 1 to 40 characters/],
    [['--name', ' '], /^--name must be 1 to 100 characters/],
    [['--api-key-file', '/nowhere'], /^--api-key-file cannot be read \(ENOENT\)/],
    [['extra'], /^There is one argument too many/],
    [['--yes=no'], /does not take an argument/],
    [['--name'], /argument missing/],
  ])('are misuse if they are wrong, even at a terminal: %j', async (words, message) => {
    await expect((async () => gather(words, FILE, person().terminal))()).rejects.toThrow(message);
  });
});
