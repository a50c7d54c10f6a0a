import type { Language } from '@/lib/i18n/languages';

interface Wording {
  /** Wordings of a text message, from the longest to the shortest: the first that fits is used. */
  readonly sms: readonly string[];
  /** Wordings of a call. None where Infobip's voices do not speak the language: an English voice would read it. */
  readonly call?: string;
}

/**
 * The texts of messages. The code comes first, where a message's preview shows it. All text messages except the Arabic
 * ones keep to GSM-7. It has é, à and ñ, but not ó, ú, č, ć, đ, š or ž. A text outside it has room for 70 characters,
 * not for 160.
 */
export const WORDINGS: Readonly<Record<Language, Wording>> = {
  en: {
    sms: [
      '{{pin}} is your verification code. It expires in {lifetime}. Do not share it with anyone.',
      '{{pin}} is your code for {lifetime}. Do not share it.',
    ],
    call: 'Your verification code is {{pin}}. Once more: {{pin}}. It expires in {lifetime}. Do not share it with anyone.',
  },
  de: {
    sms: [
      '{{pin}} ist Ihr Bestätigungscode. Er läuft in {lifetime} ab. Geben Sie ihn nicht weiter.',
      '{{pin}} ist Ihr Code ({lifetime}). Geben Sie ihn nicht weiter.',
    ],
    call: 'Ihr Bestätigungscode lautet {{pin}}. Noch einmal: {{pin}}. Er läuft in {lifetime} ab. Geben Sie ihn nicht weiter.',
  },
  es: {
    sms: [
      '{{pin}} es la clave para verificar su teléfono. Vence en {lifetime}. No la comparta con nadie.',
      '{{pin}} es su clave ({lifetime}). No la comparta.',
    ],
    call: 'Su código de verificación es {{pin}}. Una vez más: {{pin}}. Vence en {lifetime}. No lo comparta con nadie.',
  },
  fr: {
    sms: [
      '{{pin}} est votre code de vérification. Il expire dans {lifetime}. Ne le communiquez à personne.',
      '{{pin}} est votre code ({lifetime}). Ne le communiquez pas.',
    ],
    call: 'Votre code de vérification est {{pin}}. Je répète : {{pin}}. Il expire dans {lifetime}. Ne le communiquez à personne.',
  },
  ar: {
    sms: [
      '{{pin}} رمز التحقق. صالح {lifetime}. لا تشاركه مع أحد.',
      '{{pin}} رمزك ({lifetime}). لا تشاركه.',
      '{{pin}} رمزك. لا تشاركه.',
    ],
  },
  hr: {
    sms: [
      '{{pin}} je kod za potvrdu broja. Trajanje: {lifetime}. Nemojte ga dati nikome.',
      '{{pin}} je kod ({lifetime}). Ne dajte ga nikome.',
    ],
    call: 'Vaš kôd za potvrdu je {{pin}}. Ponavljam: {{pin}}. Trajanje: {lifetime}. Nemojte ga dati nikome.',
  },
};

/** A code's lifetime in words: in minutes where they are whole. */
export function lifetimeInWords(seconds: number, language: Language): string {
  const [count, unit] = seconds % 60 === 0 ? [seconds / 60, 'minute'] : [seconds, 'second'];
  const format = new Intl.NumberFormat(`${language}-u-nu-latn`, { style: 'unit', unit, unitDisplay: 'long' });
  // French has a space there that GSM-7 lacks.
  return format.format(count).replace(/\s/g, ' ');
}
