import { AsYouType, type CountryCode, type MetadataJson, parsePhoneNumberFromString } from 'libphonenumber-js/core';
import whole from 'libphonenumber-js/metadata.min.json';
import { useApp } from '@/__tests__/support/use-app';

const { app, withApp } = useApp();

const get = (query: string, on = app) => on.get(`/api/phone-metadata${query}`);

/** The text in the field after each key, and the number that results. */
function typed(text: string, country: CountryCode, metadata: MetadataJson) {
  const typing = new AsYouType(country, metadata);
  const shown = [...text].map((key) => typing.input(key));
  return { shown, number: typing.getNumberValue(), country: typing.getCountry(), valid: typing.isValid() };
}

test.each([
  ['1', 'US', '4155552671', true],
  ['1', 'US', '+14155552671', true],
  ['1', 'US', '4155', false],
  ['1', 'US', '5062345678', true],
  ['1', 'CA', '5062345678', true],
  ['1', 'CA', '1 506 234 5678', true],
  ['1', 'US', '+18765123456', true],
  ['1', 'US', '0005550123', false],
  ['44', 'GB', '07400123456', true],
  ['44', 'GB', '+447911123456', true],
  ['44', 'GB', '0740012345', false],
  ['44', 'JE', '07797712345', true],
  ['49', 'DE', '015123456789', true],
  ['49', 'DE', '030123456', true],
  ['49', 'DE', '015', false],
  ['385', 'HR', '0921234567', true],
  ['385', 'HR', '092', false],
  ['39', 'IT', '3123456789', true],
  ['39', 'IT', '0612345678', true],
  ['39', 'IT', '31', false],
  ['54', 'AR', '01123456789', true],
  ['54', 'AR', '91123456789', true],
  ['54', 'AR', '011234', false],
  ['52', 'MX', '2221234567', true],
  ['52', 'MX', '222', false],
] as const)('the part for +%s formats and checks %s %p like the whole metadata', async (code, country, text, valid) => {
  const { status, body } = await get(`?callingCode=${code}`);
  const here = typed(text, country, body as MetadataJson);
  expect(status).toBe(200);
  expect(here).toEqual(typed(text, country, whole));
  expect(here.valid).toBe(valid);
});

test('the metadata is small, and browsers may keep it for a day', async () => {
  for (const code of Object.keys(whole.country_calling_codes).filter((key) => !(key in (whole.nonGeographic ?? {})))) {
    const { status, body, headers } = await get(`?callingCode=${code}`);
    expect([code, status, headers.get('cache-control')]).toEqual([code, 200, 'public, max-age=86400']);
    expect(JSON.stringify(body).length).toBeLessThan(8000);
  }
});

test('every country comes with an example of a valid number, as people there write it', async () => {
  for (const code of Object.keys(whole.country_calling_codes).filter((key) => !(key in (whole.nonGeographic ?? {})))) {
    const { body } = await get(`?callingCode=${code}`);
    expect(Object.keys(body.examples)).toEqual(Object.keys(body.countries));
    for (const [country, example] of Object.entries<string>(body.examples)) {
      const number = parsePhoneNumberFromString(example, { defaultCountry: country as CountryCode }, whole);
      expect([country, number?.isValid()]).toEqual([country, true]);
    }
  }
});

test.each([
  '',
  '?callingCode=',
  '?callingCode=999',
  '?callingCode=%2B44',
  '?callingCode=044',
  '?callingCode=44&callingCode=1',
  '?callingCode=constructor',
  '?callingCode=800',
])('there is no metadata for %p', async (query) => {
  const { status, body, headers } = await get(query);
  expect([status, body.code, headers.get('cache-control')]).toEqual([404, 'UNKNOWN_CALLING_CODE', 'no-store']);
});

test('the route knows only calling codes of allowed countries', async () => {
  await withApp({ ALLOWED_COUNTRIES: 'CA,GB' }, async (few) => {
    const canada = await get('?callingCode=1', few);
    expect(canada.body.country_calling_codes[1]).toEqual(expect.arrayContaining(['US', 'CA']));
    expect((await get('?callingCode=44', few)).status).toBe(200);
    expect((await get('?callingCode=49', few)).body.code).toBe('UNKNOWN_CALLING_CODE');
  });
});

test('the route does not know a calling code whose countries are all blocked', async () => {
  await withApp({ BLOCKED_COUNTRIES: 'US,DE' }, async (few) => {
    expect((await get('?callingCode=49', few)).body.code).toBe('UNKNOWN_CALLING_CODE');
    expect((await get('?callingCode=1', few)).status).toBe(200);
  });
});
