import { deriveKey } from 'altcha-lib/algorithms/web/pbkdf2';
import { handler } from 'altcha-lib/workers/shared';

// In a worker, because solving would block the page.
handler({ deriveKey });
