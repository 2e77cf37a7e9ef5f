"""The OpenID provider of the package oidc-provider-mock in a process of its own, able to lie.

Run with a port; says "ready" on stdout. PUT /its-lies (JSON: claims that replace those of the ID
tokens given out, null leaves one out), PUT /its-key (JSON: "rotated" or "forged"). What the package
leaves out is checked here: the client's secret, and that a code comes with its PKCE verifier.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import sys
from typing import Any
from urllib.parse import parse_qs, urlsplit

import flask
import oidc_provider_mock
from authlib import jose
from werkzeug.serving import make_server

CLIENT_SECRET = "the secret of the tests' client"


class Liar:
    """Around the package's app."""

    def __init__(self, app: flask.Flask) -> None:
        self.lies: dict[str, Any] = {}
        self.forged_key: jose.RSAKey | None = None
        self.challenges: dict[str, str] = {}
        app.before_request(self.before)
        app.after_request(self.after)
        app.add_url_rule("/its-lies", view_func=self.set_lies, methods=["PUT"])
        app.add_url_rule("/its-key", view_func=self.set_key, methods=["PUT"])

    def set_lies(self) -> tuple[str, int]:
        self.lies = flask.request.get_json()
        return "", 204

    def set_key(self) -> tuple[str, int]:
        what = flask.request.get_json()
        fresh = jose.RSAKey.generate_key(is_private=True)
        self.forged_key = fresh if what == "forged" else None
        if what == "rotated":
            flask.g.oidc_provider_mock_storage.jwk = fresh
        return "", 204

    def before(self) -> flask.typing.ResponseReturnValue | None:
        return self.refuse_token() if flask.request.path == "/oauth2/token" else None

    def refuse_token(self) -> flask.typing.ResponseReturnValue | None:
        given = flask.request.authorization
        if given is None or given.password != CLIENT_SECRET:
            return flask.jsonify({"error": "invalid_client"}), 401
        verifier = flask.request.form.get("code_verifier", "")
        digest = hashlib.sha256(verifier.encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if self.challenges.get(flask.request.form.get("code", "")) != challenge:
            return flask.jsonify({"error": "invalid_grant", "error_description": "PKCE"}), 400
        return None

    def after(self, answer: flask.Response) -> flask.Response:
        asked = flask.request
        if asked.path == "/oauth2/authorize" and answer.status_code == 302:
            code = parse_qs(urlsplit(answer.headers["Location"]).query).get("code", [""])[0]
            if asked.args.get("code_challenge_method") == "S256":
                self.challenges[code] = asked.args["code_challenge"]
        if asked.path == "/oauth2/token" and answer.status_code == 200:
            told = answer.get_json()
            told["id_token"] = self.lying(told["id_token"])
            answer.set_data(json.dumps(told))
        return answer

    def lying(self, id_token: str) -> str:
        own = flask.g.oidc_provider_mock_storage.jwk
        claims = {**jose.jwt.decode(id_token, own), **self.lies}
        claims = {name: value for name, value in claims.items() if value is not None}
        header = {"alg": "RS256", "kid": own.thumbprint()}
        signed: bytes = jose.jwt.encode(header, claims, self.forged_key or own)
        return signed.decode()


def main() -> None:
    os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"
    app = oidc_provider_mock.app(require_nonce=True)
    Liar(app)
    server = make_server("localhost", int(sys.argv[1]), app, threaded=True)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main()
