import { enabled } from './enabled';

/** Refuses every request with NOT_FOUND if factors besides codes by phone are switched off. */
export const factorsEnabled = enabled(({ factors }) => factors !== undefined);
