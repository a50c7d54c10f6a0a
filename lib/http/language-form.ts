import type { IncomingMessage } from 'node:http';
import type { Config } from '@/lib/config/config';
import type { TypedNumber } from '@/lib/contract';
import type { Language } from '@/lib/i18n/languages';
import { readBody } from './body';
import { isFormPost, parseForm } from './form';
import { requireSameOrigin } from './guards/same-origin';
import { languageForm } from './schemas';

/** The language that the person chose, and the number that the form contained. */
interface LanguageForm {
  readonly language: Language;
  readonly typed: TypedNumber;
}

/**
 * Reads the form with which a browser without script asks for the page in another language.
 * @throws {AppError} FORBIDDEN_ORIGIN, or what `readBody` throws
 */
export async function readLanguageForm(request: IncomingMessage, config: Config): Promise<LanguageForm> {
  requireSameOrigin(request.headers, config);
  const form = { takes: isFormPost, parse: parseForm };
  const { lang, phoneNumber, country = '' } = await readBody(request, languageForm, form);
  return { language: lang, typed: { number: phoneNumber, country } };
}
