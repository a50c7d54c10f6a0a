/** The shades that the page takes from a brand's color, each with the contrast that WCAG 2.2 (1.4.3, AA) asks for. */

const SCHEMES = ['light', 'dark'] as const;
type Scheme = (typeof SCHEMES)[number];

/**
 * The backgrounds that the color lies on, as in `styles/tokens.css`, and the direction in which it gets easier to read.
 */
export const GROUNDS = {
  light: { page: '#f3f6f6', surface: '#ffffff', away: '#000000', onBrand: '#ffffff' },
  dark: { page: '#0e1514', surface: '#17201f', away: '#ffffff', onBrand: '#0e1514' },
} as const satisfies Record<Scheme, Record<'page' | 'surface' | 'away' | 'onBrand', string>>;

/** The contrast that text smaller than 24 px needs. */
const MIN_CONTRAST = 4.5;
/** The contrast of a shade that we choose ourselves. */
const GOOD_CONTRAST = 6;

/** How much of another color goes into the shade under the pointer, and into tinted backgrounds. */
const STRONG_SHARE = 0.22;
const SOFT_SHARE = 0.08;

/** The values of the page's custom properties, in hexadecimal. */
export interface Shades {
  /** Text, outlines and the background of buttons. */
  readonly brand: string;
  /** Replaces `brand` on what is under the pointer. */
  readonly strong: string;
  readonly onBrand: string;
  /** A background tinted with the brand's color. */
  readonly soft: string;
}

export type BrandColors = Readonly<Record<Scheme, Shades>>;

const channelsOf = (hex: string) => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));

function mix(one: string, other: string, shareOfOther: number): string {
  const others = channelsOf(other);
  const mixed = channelsOf(one).map((value, i) => value + ((others[i] ?? 0) - value) * shareOfOther);
  return `#${mixed.map((value) => Math.round(value).toString(16).padStart(2, '0')).join('')}`;
}

/** Relative luminance (WCAG 2.2, "relative luminance"). */
function luminanceOf(hex: string): number {
  const linear = channelsOf(hex).map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  const [red = 0, green = 0, blue = 0] = linear;
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** The contrast ratio of two colors (WCAG 2.2, "contrast ratio"), from 1 to 21. */
export function contrastOf(one: string, other: string): number {
  const [lighter = 0, darker = 0] = [luminanceOf(one), luminanceOf(other)].sort((a, b) => b - a);
  return (lighter + 0.05) / (darker + 0.05);
}

const softOf = (scheme: Scheme, brand: string) => mix(GROUNDS[scheme].surface, brand, SOFT_SHARE);

/** The lowest contrast of a color: with each of its backgrounds, and with the text on it. */
function lowestContrast(scheme: Scheme, brand: string): number {
  const { page, surface, onBrand } = GROUNDS[scheme];
  return Math.min(...[page, surface, softOf(scheme, brand), onBrand].map((other) => contrastOf(brand, other)));
}

/** The closest shade to a color that reaches a contrast. */
function shadeWith(scheme: Scheme, brand: string, contrast: number): string {
  const shades = Array.from({ length: 101 }, (_, percent) => mix(brand, GROUNDS[scheme].away, percent / 100));
  return shades.find((shade) => lowestContrast(scheme, shade) >= contrast) ?? GROUNDS[scheme].away;
}

function faultOf(scheme: Scheme, brand: string): string | undefined {
  const contrast = lowestContrast(scheme, brand);
  if (contrast >= MIN_CONTRAST) return undefined;
  const closest = shadeWith(scheme, brand, MIN_CONTRAST).slice(1);
  const direction = scheme === 'light' ? 'darker' : 'lighter';
  // Rounded down: 4.49 is not enough.
  const ratio = Math.floor(contrast * 10) / 10;
  return `is too hard to read in the ${scheme} color scheme: its contrast is ${ratio}:1, and text needs ${MIN_CONTRAST}:1. Use ${closest} or a ${direction} shade.`;
}

const shadesOf = (scheme: Scheme, brand: string): Shades => ({
  brand,
  strong: mix(brand, GROUNDS[scheme].away, STRONG_SHARE),
  onBrand: GROUNDS[scheme].onBrand,
  soft: softOf(scheme, brand),
});

const RULE =
  'must be one color like 5b3df5, or two separated by a comma, for the light and the dark color scheme. In an env file leave the # out.';

/** The colors in a text. If there is only one, the one for the dark scheme is derived from it. */
function colorsIn(text: string): Record<Scheme, string> | undefined {
  const parts = text.split(',').map((part) => /^\s*#?([0-9a-f]{6})\s*$/i.exec(part)?.[1]?.toLowerCase());
  const [light, dark] = parts.map((hex) => hex && `#${hex}`);
  if (!light || parts.length > 2 || parts.includes(undefined)) return undefined;
  return { light, dark: dark ?? shadeWith('dark', light, GOOD_CONTRAST) };
}

/**
 * Derives the shades of a brand's color.
 * @returns what is wrong with it, and the remedy, if it cannot be read or has too little contrast
 */
export function parseBrandColors(text: string): { colors: BrandColors } | { fault: string } {
  const given = colorsIn(text);
  if (!given) return { fault: RULE };
  const faults = SCHEMES.flatMap((scheme) => faultOf(scheme, given[scheme]) ?? []);
  if (faults.length > 0) return { fault: faults.join(' It ') };
  return { colors: { light: shadesOf('light', given.light), dark: shadesOf('dark', given.dark) } };
}
