/** The GSM 7-bit default alphabet (3GPP TS 23.038, §6.2.1). */
const GSM_7 =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà';
/** Its extension (§6.2.1.1): each of these takes two septets. */
const GSM_7_EXTENSION = '\f^{}\\[~]|€';

/** Characters of a single message, and of each part of a longer one (3GPP TS 23.040, §9.2.3.24.1). */
const SIZES = { 'GSM-7': { alone: 160, part: 153 }, 'UCS-2': { alone: 70, part: 67 } } as const;

/** How a text travels as SMS. */
export interface SmsSize {
  readonly encoding: keyof typeof SIZES;
  /** Septets in GSM-7, 16-bit units in UCS-2. */
  readonly length: number;
  /** The number of messages that it takes, and that the account pays for. */
  readonly segments: number;
}

/** A template's text, with zeros in place of the code. */
export const withPin = (messageText: string, pinLength: number): string =>
  messageText.replaceAll('{{pin}}', '0'.repeat(pinLength));

/** How many messages a text takes. */
export function smsSize(text: string): SmsSize {
  const characters = [...text];
  const isGsm = characters.every((one) => GSM_7.includes(one) || GSM_7_EXTENSION.includes(one));
  const encoding = isGsm ? 'GSM-7' : 'UCS-2';
  const length = isGsm
    ? characters.reduce((sum, one) => sum + (GSM_7_EXTENSION.includes(one) ? 2 : 1), 0)
    : text.length;
  const { alone, part } = SIZES[encoding];
  return { encoding, length, segments: length <= alone ? 1 : Math.ceil(length / part) };
}

/** The last line that binds a code to a page's host, so that browsers fill in the code there and nowhere else. */
export const boundLine = (origin: string): string => `@${new URL(origin).hostname} #{{pin}}`;

/** The host that a text's last line binds its code to; undefined if there is no such line. */
export const boundHost = (messageText: string): string | undefined =>
  /(?:^|\n)@(\S+) #\{\{pin\}\}(?: @\S+)?$/.exec(messageText.trimEnd())?.[1];
