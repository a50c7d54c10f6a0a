/** `npm run -s keys >> .env.local`: prints new keys, as lines of an env file. Keep them secret. */
import { makePrivacyKey, makeProofKey } from '@/lib/config/keys';

const USAGE = 'Usage: npm run -s keys >> .env.local   (prints PRIVACY_KEY and PROOF_PRIVATE_JWK)';

if (process.argv.length > 2) {
  process.stderr.write(`${USAGE}\n`);
  process.exitCode = process.argv[2] === '--help' ? 0 : 2;
} else {
  // The file's last line may lack a line end.
  process.stdout.write(`\nPRIVACY_KEY=${makePrivacyKey()}\nPROOF_PRIVATE_JWK='${JSON.stringify(makeProofKey())}'\n`);
}
