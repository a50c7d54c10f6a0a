/** How the command ends other than well: told as they are, without a stack. */

/** It was called wrongly, or an answer is missing: exit code 2. */
export class Misuse extends Error {}

/** Something is in the way, or could not be done: exit code 1. */
export class Finding extends Error {}
