"""A login with a verified phone number: Flask and Authlib. Open http://localhost:5002/.

Set FLASK_PHONE_CLIENT_ID, FLASK_PHONE_CLIENT_SECRET and FLASK_PHONE_SERVER_METADATA_URL: the issuer, followed by
/.well-known/openid-configuration.
"""

import os

from authlib.integrations.base_client import OAuthError
from authlib.integrations.flask_client import OAuth
from flask import Flask, redirect, session, url_for
from markupsafe import escape

PORT = os.environ.get("PORT", "5002")

app = Flask(__name__)
app.secret_key = os.environ.get("SESSION_KEY") or os.urandom(32)
app.config["SERVER_NAME"] = f"localhost:{PORT}"
app.config.from_prefixed_env()

# The login itself, from here …
oauth = OAuth(app)
oauth.register("phone", client_kwargs={"scope": "openid phone", "code_challenge_method": "S256"})


@app.get("/login")
def begin():
    return oauth.phone.authorize_redirect(url_for("finish", _external=True))


@app.get("/callback")
def finish():
    session["phone_number"] = oauth.phone.authorize_access_token()["userinfo"]["phone_number"]
    return redirect("/")
# … to here. Your application already has the rest.


@app.get("/")
def index():
    number = session.get("phone_number")
    return f"<p>Your number is {number}.</p>" if number else '<a href="/login">Log in with your phone</a>'


@app.errorhandler(OAuthError)
def refused(error):
    # The error comes from the address, which anybody can make up.
    return f"<p>Not logged in: {escape(error.error)}</p>", 400


if __name__ == "__main__":
    app.run("127.0.0.1", int(PORT))
