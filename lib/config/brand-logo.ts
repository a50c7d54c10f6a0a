/**
 * The kinds of images that a browser shows, by the ending of the file's name: the media type, and how the bytes begin,
 * read as Latin-1.
 */
export const IMAGES = {
  svg: { type: 'image/svg+xml', begins: /^(\xef\xbb\xbf)?\s*<(\?xml|!--|!DOCTYPE svg|svg)/i },
  png: { type: 'image/png', begins: /^\x89PNG\r\n/ },
  webp: { type: 'image/webp', begins: /^RIFF.{4}WEBP/s },
  jpg: { type: 'image/jpeg', begins: /^\xff\xd8\xff/ },
  jpeg: { type: 'image/jpeg', begins: /^\xff\xd8\xff/ },
} as const;

type Ending = keyof typeof IMAGES;

/** Where the bytes of a logo are: in the variable itself, or in a file under public/. */
export type LogoSource =
  | { readonly ending: Ending; readonly base64: string }
  | { readonly ending: Ending; readonly file: string };

const isEnding = (text: string | undefined): text is Ending => text !== undefined && Object.hasOwn(IMAGES, text);

function dataUrlIn(text: string): LogoSource | undefined {
  const [, type, encoding, data = ''] = /^data:([a-z/+]+)(?:;charset=[\w-]+)?(;base64)?,(.+)$/is.exec(text) ?? [];
  const ending = Object.keys(IMAGES).find((one) => isEnding(one) && IMAGES[one].type === type);
  if (!isEnding(ending)) return undefined;
  if (encoding !== undefined) return /^[A-Za-z0-9+/]+={0,2}$/.test(data) ? { ending, base64: data } : undefined;
  try {
    return { ending, base64: Buffer.from(decodeURIComponent(data)).toString('base64') };
  } catch {
    return undefined;
  }
}

/** Names with letters, digits, `_`, `-` and `.`; no folder begins with a dot, so none leads out of public/. */
const FILE = /^\/?(?:public\/)?((?:[\w-][\w.-]*\/)*[\w-][\w.-]*\.([a-z]+))$/i;

/** Reads BRAND_LOGO; undefined if it is neither an image's data URL nor the name of an image file. */
export function parseLogo(text: string): LogoSource | undefined {
  if (text.startsWith('data:')) return dataUrlIn(text);
  const [, file = '', letters] = FILE.exec(text) ?? [];
  const ending = letters?.toLowerCase();
  return isEnding(ending) ? { ending, file } : undefined;
}
