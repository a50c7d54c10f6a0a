import { waitInWords } from '@/components/ui/wait-in-words';
import { en } from '@/lib/i18n/en';

test.each([
  [1, '1 s'],
  [119, '119 s'],
  [120, '2 minutes'],
  [3541, '60 minutes'],
  [3600, '60 minutes'],
  [7200, '2 hours'],
  [86_400, '24 hours'],
])('a wait of %i seconds reads %s', (seconds, words) => {
  expect(waitInWords(seconds, { language: 'en', messages: en })).toBe(words);
});
