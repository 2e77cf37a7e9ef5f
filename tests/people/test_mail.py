"""Mail over real SMTP servers: what it looks like, what waits, what comes once."""

from __future__ import annotations

import datetime
import ipaddress
import smtplib
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID
from helpers_accounts import new_address, post
from helpers_people import PASSWORD, SECRET_KEY, START_SECONDS, House, running_house
from sqlalchemy import func, select, update

from helpers_services import Letterbox, free_port, link_token, running_mail_server
from roto_server import migrations
from roto_server.access.accounts import create_person, invite
from roto_server.access.one_time import take
from roto_server.access.roles import Role
from roto_server.db.people import AuditEntry, OutgoingMail
from roto_server.db.session import Database
from roto_server.db.types import utc_now
from roto_server.mail.address import MailServer
from roto_server.mail.outbox import post as post_mail
from roto_server.mail.postman import TAKEN_SECONDS, TRIES, Postman
from roto_server.mail.smtp import check, deliver
from roto_server.settings import Settings
from roto_shapes.errors import RotoError


@pytest.fixture
def database(empty_database: str) -> Iterator[Database]:
    database = Database(empty_database)
    migrations.upgrade(database)
    yield database
    database.dispose()


def settings_for(tmp_path: Path, smtp_url: str) -> Settings:
    return Settings(
        data_dir=tmp_path,
        secret_key=SECRET_KEY,
        smtp_url=smtp_url,
        mail_from="Megaton Roto <roto@studio.example>",
        public_url="https://roto.studio.example",
    )


def postman_of(database: Database, settings: Settings) -> Postman:
    return Postman(database, lambda: settings)


def add_mail(database: Database, settings: Settings, email: str = "") -> str:
    """A mail for somebody new; returns their address."""
    email = email or new_address()
    with database.session() as session:
        user = create_person(session, email=email, name="Ada <b>Lovelace</b>")
        post_mail(session, settings, user.id, "reset")
    return email


def waiting(database: Database) -> list[OutgoingMail]:
    with database.reading() as session:
        return list(session.scalars(select(OutgoingMail)))


def make_due(database: Database) -> None:
    """As if the waiting mails had waited long enough."""
    with database.session() as session:
        past = utc_now() - datetime.timedelta(seconds=1)
        session.execute(update(OutgoingMail).values(not_before=past))


def test_a_mail_is_plain_text_and_html_of_the_same_words(
    database: Database, tmp_path: Path
) -> None:
    with running_mail_server() as (url, box):
        settings = settings_for(tmp_path, url)
        email = add_mail(database, settings)
        assert postman_of(database, settings).send_next()
        mail = box.wait(email)
    assert (str(mail["To"]), mail["Auto-Submitted"]) == (email, "auto-generated")
    assert str(mail["From"]) == "Megaton Roto <roto@studio.example>"
    assert mail["Message-ID"].endswith("@studio.example>")
    link = f"https://roto.studio.example/reset#token={link_token(mail)}"
    plain, html = body_of(mail, "plain"), body_of(mail, "html")
    assert link in plain
    assert "24 hours" in plain
    assert f'href="{link}"' in html
    assert "Ada <b>Lovelace</b>" in plain
    assert "Ada &lt;b&gt;Lovelace&lt;/b&gt;" in html
    for active in ("<img", "<script", "<style", "src="):
        assert active not in html
    assert waiting(database) == []


def test_an_invitation_is_good_for_a_week(database: Database, tmp_path: Path) -> None:
    with running_mail_server() as (url, box):
        settings = settings_for(tmp_path, url)
        email = new_address()
        with database.session() as session:
            invite(session, settings, email=email, name="Grace", role=Role.SUPERVISOR)
        assert postman_of(database, settings).send_next()
        mail = box.wait(email)
    assert "7 days" in body_of(mail, "plain")
    assert "&invited=1" in body_of(mail, "plain")
    with database.session() as session:
        user, row = take(session, link_token(mail), "reset", "invite")
        assert (user.email, user.role, row.purpose) == (email, "supervisor", "invite")


def test_what_waits_is_sealed_and_holds_no_link(house: House) -> None:
    """Caught in a house whose mail server is away: the offer of a registration is in the mail."""
    settings = Settings(
        secret_key=SECRET_KEY, smtp_url="smtp://127.0.0.1:1", mail_from="a@b.example"
    )
    email = new_address()
    with house.database.session() as session:
        user = create_person(session, email=email, name="Ada", state="unconfirmed")
        facts = {"name": "Ada", "password_hash": "$argon2id$of-hers"}
        post_mail(session, settings, user.id, "confirm", facts)
        session.flush()
        row = session.scalars(select(OutgoingMail).where(OutgoingMail.user_id == user.id)).one()
        told = repr(vars(row))
    assert "argon2" not in told
    assert "token=" not in told
    assert email not in told
    house.mails.wait(email)


def test_a_mail_waits_for_its_server_and_is_sent_when_it_is_back(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    settings = settings_for(tmp_path, f"smtp://127.0.0.1:{port}")
    email = add_mail(database, settings)
    # Not due before this test has looked.
    monkeypatch.setattr("roto_server.mail.postman._FIRST_WAIT_SECONDS", 200.0)
    postman = postman_of(database, settings)
    assert postman.send_next()
    [row] = waiting(database)
    assert row.tries == 1
    assert row.error is not None
    assert f"127.0.0.1:{port} cannot be reached" in row.error
    assert row.not_before > utc_now()
    assert not postman.send_next(), "it is not due"
    make_due(database)
    box = Letterbox()
    with mail_server(box, port):
        assert postman.send_next()
    assert len(box.to(email)) == 1
    assert waiting(database) == []


def test_what_cannot_be_sent_is_given_up_and_noted(database: Database, tmp_path: Path) -> None:
    settings = settings_for(tmp_path, f"smtp://127.0.0.1:{free_port()}")
    email = add_mail(database, settings)
    postman = postman_of(database, settings)
    waits = []
    for _ in range(TRIES - 1):
        make_due(database)
        postman.send_next()
        [row] = waiting(database)
        waits.append((row.not_before - utc_now()).total_seconds())
    assert waits == sorted(waits), "each wait is longer"
    make_due(database)
    postman.send_next()
    assert waiting(database) == []
    with database.reading() as session:
        [entry] = session.scalars(select(AuditEntry))
    assert (entry.action, entry.target_kind) == ("mail.given_up", "user")
    assert entry.after is not None
    assert (entry.after["kind"], entry.after["tries"]) == ("reset", TRIES)
    assert email not in repr(vars(entry))


class Refusing(Letterbox):
    """A server that takes nothing for anybody."""

    def __init__(self, answer: str) -> None:
        super().__init__()
        self._answer = answer

    async def handle_RCPT(
        self, server: Any, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        return self._answer


@pytest.mark.parametrize(("answer", "left"), [("550 no such user", 0), ("450 try later", 1)])
def test_an_address_refused_for_good_is_not_tried_again(
    database: Database, tmp_path: Path, answer: str, left: int
) -> None:
    port = free_port()
    settings = settings_for(tmp_path, f"smtp://127.0.0.1:{port}")
    add_mail(database, settings)
    with mail_server(Refusing(answer), port):
        postman_of(database, settings).send_next()
    assert len(waiting(database)) == left


def test_several_postmen_send_each_mail_once(database: Database, tmp_path: Path) -> None:
    with running_mail_server() as (url, box):
        settings = settings_for(tmp_path, url)
        emails = [add_mail(database, settings) for _ in range(20)]

        def work() -> None:
            postman = postman_of(database, settings)
            while postman.send_next():
                pass

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [len(box.to(email)) for email in emails] == [1] * 20
    assert waiting(database) == []


def test_a_mail_in_the_hands_of_a_process_that_died_is_sent_later(
    database: Database, tmp_path: Path
) -> None:
    with running_mail_server() as (url, box):
        settings = settings_for(tmp_path, url)
        email = add_mail(database, settings)
        died = postman_of(database, settings)
        assert died._take() is not None  # and then nothing more of it
        alive = postman_of(database, settings)
        assert not alive.send_next()
        [row] = waiting(database)
        assert 0 < (row.not_before - utc_now()).total_seconds() <= TAKEN_SECONDS
        make_due(database)
        assert alive.send_next()
        assert len(box.to(email)) == 1


def test_a_mail_sealed_with_another_secret_does_not_hold_up_the_others(
    database: Database, tmp_path: Path
) -> None:
    with running_mail_server() as (url, box):
        settings = settings_for(tmp_path, url)
        other = settings.model_copy(update={"secret_key": type(settings.secret_key)("o" * 40)})
        add_mail(database, other)
        email = add_mail(database, settings)
        postman = postman_of(database, settings)
        while postman.send_next():
            pass
        assert len(box.to(email)) == 1
    [row] = waiting(database)
    assert row.error is not None
    assert "ROTO_SECRET_KEY" in row.error


@pytest.mark.one_database
def test_ready_is_red_and_names_the_setting_when_no_mail_can_be_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path / 'roto.db'}"
    dead = f"smtp://somebody:tell-no-one@127.0.0.1:{free_port()}"
    monkeypatch.setattr("helpers_people.Process.wait_ready", wait_for_an_answer)
    with running_house(tmp_path / "house", url, ROTO_SMTP_URL=dead) as house:
        told = httpx.get(house.url + "/readyz", timeout=60)
        assert told.status_code == 503
        failed = {name: one for name, one in told.json()["checks"].items() if not one["ok"]}
        assert list(failed) == ["mail"]
        assert failed["mail"]["setting"] == "ROTO_SMTP_URL"
        assert "cannot be reached" in failed["mail"]["message"]
        assert "tell-no-one" not in told.text
        # Nothing is dropped meanwhile: the mail waits.
        body = {"name": "Ada", "password": PASSWORD}
        assert post(house, "register", email=new_address(), **body).status_code == 202
        with house.database.reading() as session:
            assert session.scalar(select(func.count()).select_from(OutgoingMail)) == 1


def wait_for_an_answer(process: Any) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            httpx.get(process.url + "/healthz", timeout=20)
            return
        except httpx.TransportError:
            assert time.monotonic() < deadline
            time.sleep(0.1)


# -- encryption and signing in


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with a key and a certificate of localhost."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = utc_now()
    local = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(minutes=5))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost"), local]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "localhost.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(private + made.public_bytes(Encoding.PEM))
    return path


@contextmanager
def mail_server(box: Letterbox, port: int, **more: Any) -> Iterator[None]:
    controller = Controller(box, hostname="127.0.0.1", port=port, ready_timeout=60, **more)
    controller.start()
    try:
        yield
    finally:
        controller.stop()


def _authenticate(
    _server: Any, _session: Any, _envelope: Any, _mechanism: str, given: Any
) -> AuthResult:
    right = isinstance(given, LoginPassword) and given.password == b"s3cret word"
    # Not handled: aiosmtpd writes the refusal.
    return AuthResult(success=right, handled=right)


def _server_side(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def _hello(address: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "roto@studio.example", address, "hello"
    message.set_content("hello")
    return message


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_mail_goes_encrypted_and_signed_in(
    certificate: Path, monkeypatch: pytest.MonkeyPatch, security: Any
) -> None:
    box, port, email = Letterbox(), free_port(), new_address()
    key = "ssl_context" if security == "tls" else "tls_context"
    more: dict[str, Any] = {key: _server_side(certificate), "authenticator": _authenticate}
    if security == "starttls":
        more |= {"require_starttls": True, "auth_required": True}
    else:
        more |= {"auth_require_tls": False}  # aiosmtpd takes TLS from the start for none
    right = MailServer("localhost", port, security, "roto", "s3cret word")
    wrong = MailServer("localhost", port, security, "roto", "s3cret guess")
    with mail_server(box, port, **more):
        with pytest.raises(RotoError, match="no trusted connection"):
            check(right)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        check(right)
        deliver(right, _hello(email))
        with pytest.raises(RotoError, match="does not accept the user and password") as caught:
            check(wrong)
        assert "guess" not in str(caught.value)
    assert len(box.to(email)) == 1


def test_a_server_without_starttls_gets_neither_mail_nor_password() -> None:
    box, port, email = Letterbox(), free_port(), new_address()
    server = MailServer("localhost", port, "starttls", "roto", "s3cret word")
    with mail_server(box, port, authenticator=_authenticate, auth_require_tls=False):
        with pytest.raises(smtplib.SMTPNotSupportedError):
            deliver(server, _hello(email))
        with pytest.raises(RotoError, match="offers no STARTTLS"):
            check(server)
    assert box.to(email) == []


def body_of(mail: EmailMessage, kind: Any) -> str:
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content())
