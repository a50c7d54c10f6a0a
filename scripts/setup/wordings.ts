import type { Language } from '@/lib/i18n/languages';

/** Wordings with `{brand}` are for apps that have one. */
interface Wording {
  /** Wordings of a text message, from the longest to the shortest: the first that fits is used. */
  readonly sms: readonly string[];
  /** Wordings of a call. None if Infobip's voices do not speak the language: an English voice would read them. */
  readonly calls: readonly string[];
}

/**
 * The texts of messages. The code comes first, where a message's preview shows it. All text messages except the Arabic
 * ones keep to GSM-7. That alphabet has é, à and ñ, but not ó, ú, č, ć, đ, š or ž. A text with other letters has room
 * for 70 characters, not for 160.
 */
export const WORDINGS: Readonly<Record<Language, Wording>> = {
  en: {
    sms: [
      '{{pin}} is your {brand} verification code. It expires in {lifetime}. Do not share it with anyone.',
      '{{pin}} is your {brand} code for {lifetime}. Do not share it.',
      '{{pin}} is your verification code. It expires in {lifetime}. Do not share it with anyone.',
      '{{pin}} is your code for {lifetime}. Do not share it.',
    ],
    calls: [
      'Your {brand} verification code is {{pin}}. Once more: {{pin}}. It expires in {lifetime}. Do not share it with anyone.',
      'Your verification code is {{pin}}. Once more: {{pin}}. It expires in {lifetime}. Do not share it with anyone.',
    ],
  },
  de: {
    sms: [
      '{{pin}} ist Ihr Bestätigungscode für {brand}. Er läuft in {lifetime} ab. Geben Sie ihn nicht weiter.',
      '{{pin}} ist Ihr Code für {brand} ({lifetime}). Geben Sie ihn nicht weiter.',
      '{{pin}} ist Ihr Bestätigungscode. Er läuft in {lifetime} ab. Geben Sie ihn nicht weiter.',
      '{{pin}} ist Ihr Code ({lifetime}). Geben Sie ihn nicht weiter.',
    ],
    calls: [
      'Ihr Bestätigungscode für {brand} lautet {{pin}}. Noch einmal: {{pin}}. Er läuft in {lifetime} ab. Geben Sie ihn nicht weiter.',
      'Ihr Bestätigungscode lautet {{pin}}. Noch einmal: {{pin}}. Er läuft in {lifetime} ab. Geben Sie ihn nicht weiter.',
    ],
  },
  es: {
    sms: [
      '{{pin}} es la clave para verificar su teléfono en {brand}. Vence en {lifetime}. No la comparta con nadie.',
      '{{pin}} es su clave de {brand} ({lifetime}). No la comparta.',
      '{{pin}} es la clave para verificar su teléfono. Vence en {lifetime}. No la comparta con nadie.',
      '{{pin}} es su clave ({lifetime}). No la comparta.',
    ],
    calls: [
      'Su código de verificación de {brand} es {{pin}}. Una vez más: {{pin}}. Vence en {lifetime}. No lo comparta con nadie.',
      'Su código de verificación es {{pin}}. Una vez más: {{pin}}. Vence en {lifetime}. No lo comparta con nadie.',
    ],
  },
  fr: {
    sms: [
      '{{pin}} est votre code de vérification {brand}. Il expire dans {lifetime}. Ne le communiquez à personne.',
      '{{pin}} est votre code {brand} ({lifetime}). Ne le communiquez pas.',
      '{{pin}} est votre code de vérification. Il expire dans {lifetime}. Ne le communiquez à personne.',
      '{{pin}} est votre code ({lifetime}). Ne le communiquez pas.',
    ],
    calls: [
      'Votre code de vérification {brand} est {{pin}}. Je répète : {{pin}}. Il expire dans {lifetime}. Ne le communiquez à personne.',
      'Votre code de vérification est {{pin}}. Je répète : {{pin}}. Il expire dans {lifetime}. Ne le communiquez à personne.',
    ],
  },
  ar: {
    sms: [
      '{{pin}} رمز التحقق لدى {brand}. صالح {lifetime}. لا تشاركه مع أحد.',
      '{{pin}} رمزك لدى {brand} ({lifetime}). لا تشاركه.',
      '{{pin}} رمزك لدى {brand}. لا تشاركه.',
      '{{pin}} رمز التحقق. صالح {lifetime}. لا تشاركه مع أحد.',
      '{{pin}} رمزك ({lifetime}). لا تشاركه.',
      '{{pin}} رمزك. لا تشاركه.',
    ],
    calls: [],
  },
  hr: {
    sms: [
      '{{pin}} je kod za {brand}. Trajanje: {lifetime}. Nemojte ga dati nikome.',
      '{{pin}} je kod za {brand} ({lifetime}). Ne dajte ga nikome.',
      '{{pin}} je kod za potvrdu broja. Trajanje: {lifetime}. Nemojte ga dati nikome.',
      '{{pin}} je kod ({lifetime}). Ne dajte ga nikome.',
    ],
    calls: [
      'Vaš kôd za {brand} je {{pin}}. Ponavljam: {{pin}}. Trajanje: {lifetime}. Nemojte ga dati nikome.',
      'Vaš kôd za potvrdu je {{pin}}. Ponavljam: {{pin}}. Trajanje: {lifetime}. Nemojte ga dati nikome.',
    ],
  },
};

/** A code's lifetime in words: in minutes if they are whole. */
export function lifetimeInWords(seconds: number, language: Language): string {
  const [count, unit] = seconds % 60 === 0 ? [seconds / 60, 'minute'] : [seconds, 'second'];
  const format = new Intl.NumberFormat(`${language}-u-nu-latn`, { style: 'unit', unit, unitDisplay: 'long' });
  // French has a space there that GSM-7 lacks.
  return format.format(count).replace(/\s/g, ' ');
}
