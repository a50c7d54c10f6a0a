/** `npm run -s keys >> .env.local`: new keys, as lines of an env file. Keep them secret. */
import { makePrivacyKey, makeProofKey } from '@/lib/keys';

process.stdout.write(`PRIVACY_KEY=${makePrivacyKey()}\nPROOF_PRIVATE_JWK='${JSON.stringify(makeProofKey())}'\n`);
