import { buildIfNeeded } from '@/scripts/build';

/** Tests of routes run against the production build, which Jest creates once, before all of them. */
export default function buildApp(): void {
  buildIfNeeded();
}
