import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { BASE_PATH } from '@/lib/base-path';
import type { BrandColors, Shades } from '@/lib/config/brand-colors';
import type { Config } from '@/lib/config/config';
import type { OpenIdClient } from '@/lib/config/openid-clients';
import type { PageBrand } from '@/lib/contract';
import { type Logo, readLogo } from './logo';

/** A file that a brand's page loads. */
interface BrandFile extends Logo {
  /** Changes with the file. */
  readonly version: string;
}

/** The parts of a brand that the page uses. */
export interface Brand {
  readonly page: PageBrand;
  readonly files: Readonly<Record<string, BrandFile>>;
}

const propertiesOf = ({ brand, strong, onBrand, soft }: Shades): string =>
  `--color-brand:${brand};--color-brand-strong:${strong};--color-on-brand:${onBrand};--color-brand-soft:${soft}`;

/**
 * These rules override `styles/tokens.css`, whichever of the two the browser reads last: hence the doubled selector.
 */
const colorRules = ({ light, dark }: BrandColors): string =>
  `:root:root{${propertiesOf(light)}}@media(prefers-color-scheme:dark){:root:root{${propertiesOf(dark)}}}`;

/** Shows the logo instead of the symbol on pages that the build renders, in the size that other pages use. */
const logoRules = (address: string): string =>
  '.brand-mark.brand-mark>*{flex:auto;max-width:min(100%,12rem);height:100%;border-radius:0;' +
  `background:url("${address}") left/contain no-repeat}.brand-mark.brand-mark>::before{display:none}`;

/** Shows the name beside the symbol on pages that the build renders. A name has no line break that needs escaping. */
const nameRules = (name: string): string => `.brand-mark::after{content:"${name.replace(/["\\]/g, '\\$&')}"}`;

/** Hides the name, but not from screen readers, which cannot read a logo in the background. */
const HIDDEN_NAME = '.brand-mark.brand-mark::after{position:absolute;width:1px;height:1px;clip-path:inset(50%)}';

const fileOf = (type: string, bytes: Buffer): BrandFile => ({
  type,
  bytes,
  version: createHash('sha256').update(bytes).digest('base64url').slice(0, 12),
});

const addressOf = (name: string, { version }: BrandFile) => `${BASE_PATH}/brand/${name}?v=${version}`;

const clientFileName = (id: string) => `client-${id}`;

/** The logo of an application that logs people in here. */
function clientFile({ id, logo: source }: Pick<OpenIdClient, 'id' | 'logo'>): [string, BrandFile][] {
  const image = readLogo(source, 'OIDC_CLIENTS has a logo that');
  return image ? [[clientFileName(id), fileOf(image.type, image.bytes)]] : [];
}

/** The address of an application's logo; null if it has none. */
export function clientLogo({ files }: Brand, id: string): string | null {
  const name = clientFileName(id);
  const file = Object.hasOwn(files, name) ? files[name] : undefined;
  return file ? addressOf(name, file) : null;
}

/**
 * Prepares a brand's files.
 * @throws {ConfigError} if its logo cannot be used
 */
export function createBrand(
  { name, logo: source, colors }: Config['brand'],
  clients: readonly Pick<OpenIdClient, 'id' | 'logo'>[] = [],
): Brand {
  const image = readLogo(source);
  const logo = image && fileOf(image.type, image.bytes);
  const logoAddress = logo && addressOf('logo', logo);
  const rules = [
    colors && colorRules(colors),
    name !== undefined && nameRules(name),
    logoAddress && logoRules(logoAddress),
    logoAddress && HIDDEN_NAME,
  ];
  const styles = fileOf('text/css; charset=utf-8', Buffer.from(rules.filter(Boolean).join('')));
  return {
    page: {
      name: name ?? null,
      logo: logoAddress ?? null,
      styles: colors ? addressOf('styles.css', styles) : null,
    },
    // Pages that the build renders request the style sheet whether there is a brand or not.
    files: { 'styles.css': styles, ...(logo && { logo }), ...Object.fromEntries(clients.flatMap(clientFile)) },
  };
}

/** An SVG that is opened on its own is a document, which could run script. As an image, it may have styles. */
const IMAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox; frame-ancestors 'none'";

/**
 * Sends one of a brand's files. Browsers cache it forever at the address with its version, and not at all at any other
 * address: during a deployment, an instance may get a request for a version that only other instances have.
 * @returns whether the brand has a file of that name
 */
export function sendBrandFile(
  response: ServerResponse,
  { files }: Brand,
  { name, version }: { name: string; version: unknown },
): boolean {
  const file = Object.hasOwn(files, name) ? files[name] : undefined;
  if (!file) return false;
  response.setHeader('Content-Security-Policy', IMAGE_POLICY);
  response.setHeader('Content-Type', file.type);
  response.setHeader('Content-Length', file.bytes.length);
  response.setHeader('Cache-Control', version === file.version ? 'public, max-age=31536000, immutable' : 'no-store');
  response.end(file.bytes);
  return true;
}
