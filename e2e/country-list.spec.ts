import { test as anyTest, devices, type Page } from '@playwright/test';
import { messagesTo } from './inbox';
import { expect, test } from './test';

const search = (page: Page) => page.locator('input[role=combobox]');
const options = (page: Page) => page.getByRole('listbox').getByRole('option');
/** The option that the combobox points to, where a screen reader is. */
const activeOption = async (page: Page) => {
  const id = await search(page).getAttribute('aria-activedescendant');
  return page.locator(`[id="${id}"]`).textContent();
};

test('the keyboard alone finds a country, and its number comes next', async ({ verification, page }) => {
  await verification.open();
  await page.keyboard.press('Tab');
  await expect(verification.country).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await expect(search(page)).toBeFocused();
  expect(await activeOption(page)).toBe('United States +1');
  await page.keyboard.type('united');
  await expect(options(page)).toHaveText(['United Arab Emirates +971', 'United Kingdom +44', 'United States +1']);
  await page.keyboard.press('ArrowDown');
  expect(await activeOption(page)).toBe('United Kingdom +44');
  await page.keyboard.press('Enter');
  await expect(verification.number).toBeFocused();
  await expect(verification.country).toHaveValue('GB');
  await expect(page.getByRole('listbox')).toBeHidden();
  await expect(verification.number).toHaveAccessibleDescription('For example, 07400 123456');

  await page.keyboard.type('07400123501');
  await page.keyboard.press('Enter');
  await expect(verification.code).toBeFocused();
  expect(await messagesTo('+447400123501')).toHaveLength(1);
});

test('a search after a click finds a country by name, ISO code and calling code', async ({ verification, page }) => {
  await verification.open();
  for (const [query, option, country] of [
    ['ivoire', 'Côte d’Ivoire +225', 'CI'],
    ['hr', 'Croatia +385', 'HR'],
    ['+49', 'Germany +49', 'DE'],
  ] as const) {
    await verification.country.click();
    await search(page).fill(query);
    await options(page).filter({ hasText: option }).click();
    await expect(verification.number).toBeFocused();
    await expect(verification.country).toHaveValue(country);
  }
});

test('typing on the closed list starts a search, and no key is lost', async ({ verification, page }) => {
  await verification.open();
  await verification.country.focus();
  await page.keyboard.type('fra');
  await expect(search(page)).toHaveValue('fra');
  await page.keyboard.press('Enter');
  await expect(verification.country).toHaveValue('FR');
});

test('arrow keys wrap around, and Home and End go to the first and the last country', async ({
  verification,
  page,
}) => {
  await verification.open();
  await verification.country.focus();
  await page.keyboard.press('Enter');
  await expect(search(page)).toBeFocused();
  await page.keyboard.press('Home');
  expect(await activeOption(page)).toBe('Afghanistan +93');
  await page.keyboard.press('ArrowUp');
  expect(await activeOption(page)).toBe('Zimbabwe +263');
  await expect(options(page).last()).toBeInViewport();
  await page.keyboard.press('ArrowDown');
  expect(await activeOption(page)).toBe('Afghanistan +93');
  await page.keyboard.press('End');
  expect(await activeOption(page)).toBe('Zimbabwe +263');
});

test('Escape, Tab and a press elsewhere leave the country as it was', async ({ verification, page }) => {
  await verification.open();
  const open = async () => {
    await verification.country.click();
    await search(page).fill('france');
  };
  await open();
  await page.keyboard.press('Escape');
  await expect(verification.country).toBeFocused();
  await open();
  await page.keyboard.press('Tab');
  await expect(verification.number).toBeFocused();
  await open();
  await page.getByRole('heading', { level: 1 }).click();
  await expect(search(page)).toBeHidden();
  await expect(verification.country).toHaveValue('US');
});

test('Enter without a result neither chooses nor sends', async ({ verification, page }) => {
  await verification.open();
  await verification.country.click();
  await search(page).fill('nowhere');
  await expect(page.getByText('No countries found').first()).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(search(page)).toBeFocused();
  await expect(verification.number).toHaveAttribute('aria-invalid', 'false');
});

test('the page announces how many countries the search found', async ({ verification, page }) => {
  await verification.open();
  await verification.country.click();
  const news = page.getByRole('status');
  for (const [query, words] of [
    ['united', '3 countries'],
    ['croatia', '1 country'],
    ['nowhere', 'No countries found'],
  ] as const) {
    await search(page).fill(query);
    await expect(news.filter({ hasText: words })).toHaveCount(1);
  }
});

/** Where each part of a field is, and how it looks. */
const looks = (field: Element) =>
  [field, ...field.querySelectorAll(':not(option)')].map((part) => {
    const { left, top, width, height } = part.getBoundingClientRect();
    const { color, backgroundColor, borderColor, font } = getComputedStyle(part);
    return [part.tagName, left, top, width, height, color, backgroundColor, borderColor, font];
  });

test('neither the script nor the open list moves anything or changes the look of the field', async ({
  verification,
  page,
  browser,
  baseURL,
}) => {
  const still = await browser.newContext({ javaScriptEnabled: false, locale: 'en-US', ...(baseURL && { baseURL }) });
  const without = await still.newPage();
  await without.goto('/');
  const before = await without.locator('fieldset').evaluate(looks);
  await still.close();

  await verification.open();
  expect(await page.locator('fieldset').evaluate(looks)).toEqual(before);
  const box = await verification.number.boundingBox();
  await verification.country.click();
  await expect(search(page)).toBeFocused();
  expect(await verification.number.boundingBox()).toEqual(box);
});

test.describe('in Arabic', () => {
  test.use({ locale: 'ar-EG' });

  test('the list reads from right to left, and the search understands Arabic', async ({ verification, page }) => {
    await verification.open();
    await page.locator('#country').click();
    await search(page).fill('المانيا');
    await expect(options(page)).toHaveText('ألمانيا +49');
    const [name, code] = await options(page).evaluate((option) => {
      const range = document.createRange();
      range.selectNodeContents(option.firstChild as Node);
      return [range.getBoundingClientRect().x, option.querySelector('bdi')?.getBoundingClientRect().x ?? 0];
    });
    expect(name).toBeGreaterThan(code ?? 0);
    await search(page).fill('٤٩+');
    await page.keyboard.press('Enter');
    await expect(page.locator('#country')).toHaveValue('DE');
    await expect(page.locator('#phone-number-hint bdi')).toHaveText('01512 3456789');
  });
});

test.describe('on a phone', () => {
  const { defaultBrowserType: _, ...phone } = devices['Pixel 7'];
  test.use(phone);

  test('the list stays the platform’s own, and returns the focus to the number', async ({ verification, page }) => {
    await verification.open();
    await Promise.all([page.waitForResponse(/\.js$/), verification.country.tap()]);
    await page.waitForLoadState('networkidle');
    await expect(search(page)).toHaveCount(0);
    await verification.country.selectOption('FR');
    await expect(verification.number).toBeFocused();
    await expect(verification.number).toHaveAccessibleDescription('For example, 06 12 34 56 78');
  });
});

anyTest('if the search does not load, the platform’s list works', async ({ page }) => {
  await page.goto('/');
  await page.waitForLoadState('networkidle');
  await page.route('**/_next/static/chunks/**', (route) => route.abort());
  const country = page.locator('#country');
  await country.focus();
  await expect(async () => {
    await page.keyboard.press('f');
    await expect(country).toHaveValue('FR', { timeout: 500 });
  }).toPass();
  await expect(search(page)).toHaveCount(0);
});
