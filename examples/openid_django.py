"""A login with a verified phone number: Django views with Authlib. No test runs them."""

import os

from authlib.integrations.django_client import OAuth
from django.shortcuts import redirect
from django.urls import reverse

# The login itself, from here …
oauth = OAuth()
oauth.register(
    "phone",
    client_id="shop",
    client_secret=os.environ["CLIENT_SECRET"],
    server_metadata_url="https://verify.example.com/.well-known/openid-configuration",
    client_kwargs={"scope": "openid phone", "code_challenge_method": "S256"},
)


def login(request):
    return oauth.phone.authorize_redirect(request, request.build_absolute_uri(reverse("callback")))


def callback(request):
    claims = oauth.phone.authorize_access_token(request)["userinfo"]
    request.session["phone_number"] = claims["phone_number"]
    return redirect("/")
# … to here.
