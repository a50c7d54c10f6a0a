"""A service that accepts each proof once: POST /account/phone with `Authorization: Bearer <proof>`. Needs PyJWT with cryptography."""
import json, os, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
import jwt

VERIFIER = os.environ.get("VERIFIER", "http://localhost:3000")
ISSUER = os.environ.get("PROOF_ISSUER", VERIFIER)
AUDIENCE = os.environ.get("PROOF_AUDIENCE", ISSUER)
keys = jwt.PyJWKClient(VERIFIER + "/.well-known/jwks.json")
# Proofs used so far, and when they expire. If you run several instances, use a table with `jti` as its key.
used = {}

def use(claims):
    """Returns False the second time."""
    for jti, until in list(used.items()):
        if until < time.time():
            used.pop(jti, None)
    mine = float(claims["exp"])
    return used.setdefault(claims["jti"], mine) is mine

class Service(BaseHTTPRequestHandler):
    def do_POST(self):
        proof = self.headers.get("Authorization", "").removeprefix("Bearer ")
        try:
            key = keys.get_signing_key_from_jwt(proof).key
            claims = jwt.decode(proof, key, algorithms=["ES256"], issuer=ISSUER, audience=AUDIENCE, options={"require": ["exp", "iat", "jti", "sub"]})
            # Store the number in the account of the login here. The proof does not say whose number it is.
            status, reply = 200, {"phoneNumber": claims["sub"], "verifiedAt": claims["iat"]}
            if not use(claims):
                status, reply = 409, {"message": "That proof was used before."}
        except jwt.PyJWTError as error:
            # If the keys could not be fetched, the proof is not wrong.
            status = 503 if "Fail to fetch" in str(error) else 401
            reply = {"message": "Try again later." if status == 503 else "That is not a valid proof."}
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(reply).encode())

    def log_message(self, *_):
        pass

server = ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "5000"))), Service)
print(f"Listening on {server.server_port}", flush=True)
server.serve_forever()
