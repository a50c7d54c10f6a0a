import { deriveKey } from 'altcha-lib/algorithms/web/pbkdf2';
import { handler } from 'altcha-lib/workers/shared';

// In a worker, since solving takes all the time there is.
handler({ deriveKey });
