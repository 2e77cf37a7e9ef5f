"""Addresses of people, of the mail server, and the settings that hold them."""

from __future__ import annotations

import pytest

from roto_server.mail.address import MailServer, normal_address, read_sender
from roto_server.settings import SettingsError, load_settings

MAIL = {"smtp_url": "smtps://mail.example", "mail_from": "roto@studio.example"}


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("Ada@Studio.Example", "ada@studio.example"),
        (" ada@studio.example ", "ada@studio.example"),
        ("ada+roto@studio.local", "ada+roto@studio.local"),
        ("ada@größe.example", "ada@xn--gre-6ka8i.example"),
    ],
)
def test_an_address_has_one_form(given: str, kept: str) -> None:
    assert normal_address(given) == kept
    assert normal_address(kept) == kept


@pytest.mark.parametrize(
    "given",
    ["", "ada", "@studio.example", "ada@", "a@b@c.example", "ada@studio.example\nBcc: x@y.example",
     "ada lovelace@studio.example", "ada@[192.0.2.1]"],
)  # fmt: skip
def test_what_is_no_address_is_refused(given: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        normal_address(given)


def test_a_sender_may_have_a_name() -> None:
    assert str(read_sender("Megaton Roto <Roto@Studio.example>")) == (
        "Megaton Roto <roto@studio.example>"
    )
    with pytest.raises(ValueError, match="control"):
        read_sender("roto@studio.example\r\nBcc: eve@x.example")


@pytest.mark.parametrize(
    ("url", "host", "port", "security"),
    [
        ("smtp://mail.example", "mail.example", 587, "starttls"),
        ("smtp://mail.example:25?starttls=never", "mail.example", 25, "none"),
        ("smtp://127.0.0.1:2525", "127.0.0.1", 2525, "none"),
        ("smtp://localhost", "localhost", 587, "none"),
        ("smtps://mail.example", "mail.example", 465, "tls"),
        ("smtps://localhost:4650", "localhost", 4650, "tls"),
    ],
)
def test_the_address_of_a_mail_server_says_how_it_is_reached(
    url: str, host: str, port: int, security: str
) -> None:
    server = MailServer.of(url)
    assert (server.host, server.port, server.security) == (host, port, security)


def test_user_and_password_are_decoded_and_never_shown() -> None:
    server = MailServer.of("smtps://roto%40studio:p%40ss%2Fword@mail.example")
    assert (server.user, server.password) == ("roto@studio", "p@ss/word")
    assert "p@ss" not in repr(server)


@pytest.mark.parametrize(
    "url",
    ["mail.example", "http://mail.example", "smtp://", "smtp://h/path", "smtp://h?tls=1",
     "smtp://user:tell-no-one@mail.example?starttls=never", "smtps://user:tell-no-one@h:99999"],
)  # fmt: skip
def test_settings_refuse_what_is_no_mail_server(url: str) -> None:
    with pytest.raises(SettingsError, match="ROTO_SMTP_URL") as caught:
        load_settings(**MAIL | {"smtp_url": url})
    assert "tell-no-one" not in str(caught.value)


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"registration": "open"}, "ROTO_SMTP_URL"),
        ({"registration": "domains", "registration_domains": "studio.example"}, "ROTO_SMTP_URL"),
        ({"smtp_url": "smtps://mail.example"}, "ROTO_MAIL_FROM"),
        ({**MAIL, "mail_from": "nobody"}, "ROTO_MAIL_FROM"),
        ({**MAIL, "registration": "domains"}, "ROTO_REGISTRATION_DOMAINS"),
    ],
)
def test_a_server_that_could_not_do_it_does_not_start(given: dict[str, str], named: str) -> None:
    with pytest.raises(SettingsError, match=named):
        load_settings(**given)


def test_domains_are_words_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROTO_REGISTRATION_DOMAINS", "Studio.example other.example")
    assert load_settings(**MAIL).registration_domains == ["studio.example", "other.example"]
