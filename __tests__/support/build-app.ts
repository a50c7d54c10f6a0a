import { buildIfNeeded } from '@/scripts/build';

/** Route tests run against the production build: Jest makes it once, before all of them. */
export default function buildApp(): void {
  buildIfNeeded();
}
