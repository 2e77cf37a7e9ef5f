"""Signing in with an OpenID provider, and everything a bad one or a bad browser can try."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from helpers_oidc import (
    CLIENT_ID,
    NAME,
    Browser,
    Provider,
    as_setting,
    in_seconds,
    running_provider,
    with_query,
)
from helpers_people import PASSWORD, START_SECONDS, House, Process, running_house
from helpers_signing_in import audited, password_hash, person_with_password, signed_in
from sqlalchemy import select

from helpers_services import free_port, postgres_database
from roto_server.db.people import Identity, LoginSession, OidcFlow, User

DOMAIN = "studio.example"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "open_house" in metafunc.fixturenames:
        one = metafunc.definition.get_closest_marker("one_database") is not None
        backends = ["sqlite"] if one else ["sqlite", "postgresql"]
        metafunc.parametrize("open_house", backends, indirect=True, scope="module")


@pytest.fixture(scope="module")
def the_provider() -> Iterator[Provider]:
    with running_provider() as provider:
        yield provider


@pytest.fixture
def provider(the_provider: Provider) -> Iterator[Provider]:
    """The provider, honest again at the end."""
    yield the_provider
    the_provider.be_honest()


@pytest.fixture(scope="module")
def open_house(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    the_provider: Provider,
) -> Iterator[House]:
    """A house that makes accounts for people of the studio the provider knows."""
    folder = tmp_path_factory.mktemp("oidc")
    settings = as_setting(the_provider.entry(new_people=True, role="viewer", domains=[DOMAIN]))
    if request.param == "sqlite":
        with running_house(folder, f"sqlite:///{folder / 'roto.db'}", **settings) as house:
            yield house
        return
    with (
        postgres_database(request.getfixturevalue("postgres")) as url,
        running_house(folder, url, **settings) as house,
    ):
        yield house


@pytest.fixture
def subject(provider: Provider) -> str:
    """Somebody the provider knows, with a verified address at the studio."""
    name = uuid.uuid4().hex
    provider.person(name, email=f"{name}@{DOMAIN}", email_verified=True, name="Grace Hopper")
    return name


def problem(location: str, house: House) -> str:
    """What our sign-in page is told."""
    assert location.startswith(house.url + "/sign-in?"), location
    return parse_qs(urlsplit(location).query)["problem"][0]


def user_of(house: House, email: str) -> User | None:
    with house.database.reading() as session:
        return session.scalars(select(User).where(User.email == email)).one_or_none()


def sessions_of(house: House, user_id: str) -> list[LoginSession]:
    with house.database.reading() as session:
        query = select(LoginSession).where(LoginSession.user_id == user_id)
        return list(session.scalars(query))


def check_nobody_came_in(browser: Browser, house: House, subject: str) -> None:
    assert browser.refresh().status_code == 401
    assert user_of(house, f"{subject}@{DOMAIN}") is None


def test_somebody_new_gets_an_account_and_a_session(open_house: House, subject: str) -> None:
    browser = Browser(open_house)
    assert browser.sign_in(subject) == open_house.url + "/account"
    answer = browser.refresh()
    assert answer.status_code == 200, answer.text
    told = answer.json()["user"]
    assert (told["name"], told["role"]) == ("Grace Hopper", "viewer")
    user = user_of(open_house, f"{subject}@{DOMAIN}")
    assert user is not None
    assert user.state == "active"
    assert user.email_confirmed_at is not None
    assert user.password_hash is None
    (login,) = sessions_of(open_house, user.id)
    assert login.kind == "oidc"
    (created,) = audited(open_house, "user.created", user.id)
    assert created.after == {"role": "viewer", "state": "active", "provider": NAME}
    assert len(audited(open_house, "identity.linked", user.id)) == 1
    with open_house.client(browser.http.cookies["roto_access"]) as client:
        assert client.get("/projects").status_code == 200


def test_the_second_time_it_is_the_same_account(
    open_house: House, provider: Provider, subject: str
) -> None:
    """Also under another address: people are known by their subject."""
    Browser(open_house).sign_in(subject)
    user = user_of(open_house, f"{subject}@{DOMAIN}")
    assert user is not None
    provider.person(subject, email=f"married-{subject}@{DOMAIN}", email_verified=True)
    browser = Browser(open_house)
    assert browser.sign_in(subject) == open_house.url + "/account"
    assert browser.refresh().json()["user"]["id"] == user.id
    assert len(sessions_of(open_house, user.id)) == 2


def test_a_verified_address_opens_the_account_that_has_it(
    open_house: House, provider: Provider, subject: str
) -> None:
    ann = person_with_password(open_house, "supervisor")
    provider.person(subject, email=ann.email.upper(), email_verified=True)
    browser = Browser(open_house)
    assert browser.sign_in(subject) == open_house.url + "/account"
    told = browser.refresh().json()["user"]
    assert (told["id"], told["role"]) == (ann.id, "supervisor")
    with signed_in(open_house, ann):
        pass  # The password goes on working.


@pytest.mark.parametrize("verified", [False, None, "true"])
def test_an_unverified_address_opens_no_account(
    open_house: House, provider: Provider, subject: str, verified: Any
) -> None:
    ann = person_with_password(open_house)
    claims = {} if verified is None else {"email_verified": verified}
    provider.person(subject, email=ann.email, **claims)
    browser = Browser(open_house)
    # The domain cannot be believed either.
    assert problem(browser.sign_in(subject), open_house) == "domain"
    assert browser.refresh().status_code == 401
    assert sessions_of(open_house, ann.id) == []
    with open_house.database.reading() as session:
        assert session.scalars(select(Identity).where(Identity.subject == subject)).all() == []


def test_a_strangers_password_does_not_survive_the_owners_coming(
    open_house: House, provider: Provider, subject: str
) -> None:
    """Who registers with another's address and waits is not inside when its owner signs in."""
    email = f"{subject}@{DOMAIN}"
    with open_house.client() as stranger:
        registered = {"email": email, "name": "Mallory", "password": PASSWORD}
        assert stranger.post("/auth/register", json=registered).status_code == 202
        Browser(open_house).sign_in(subject)
        user = user_of(open_house, email)
        assert user is not None
        assert user.state == "active"
        answer = stranger.post("/auth/login", json={"email": email, "password": PASSWORD})
    assert (answer.status_code, answer.json()["code"]) == (401, "bad_credentials")


@pytest.mark.parametrize("state", ["disabled", "deleted"])
def test_who_may_not_come_in_does_not(open_house: House, subject: str, state: str) -> None:
    assert Browser(open_house).sign_in(subject) == open_house.url + "/account"
    user = user_of(open_house, f"{subject}@{DOMAIN}")
    assert user is not None
    with open_house.database.session() as session:
        session.get_one(User, user.id).state = state
    browser = Browser(open_house)
    assert problem(browser.sign_in(subject), open_house) == "disabled"
    assert browser.refresh().status_code == 401


def test_a_disabled_account_is_not_opened_by_its_address_either(
    open_house: House, provider: Provider, subject: str
) -> None:
    ann = open_house.person(state="disabled", password_hash=password_hash())
    provider.person(subject, email=ann.email, email_verified=True)
    assert problem(Browser(open_house).sign_in(subject), open_house) == "disabled"


@pytest.mark.one_database
def test_people_of_other_domains_stay_outside(
    open_house: House, provider: Provider, subject: str
) -> None:
    provider.person(subject, email=f"{subject}@elsewhere.example", email_verified=True)
    assert problem(Browser(open_house).sign_in(subject), open_house) == "domain"
    assert user_of(open_house, f"{subject}@elsewhere.example") is None


@pytest.mark.one_database
@pytest.mark.parametrize(
    "lies",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "another-client"},
        {"aud": ["another-client", "a-third"]},
        {"aud": [CLIENT_ID, "another-client"]},
        {"azp": "another-client"},
        {"iss": "http://localhost:1"},
        {"iss": None},
        {"exp": in_seconds(-3600), "iat": in_seconds(-7200)},
        {"exp": None},
        {"iat": in_seconds(3600)},
        {"sub": None},
        {"sub": ""},
    ],
    ids="-".join,
)
def test_an_id_token_that_does_not_hold_is_refused(
    open_house: House, provider: Provider, subject: str, lies: dict[str, Any]
) -> None:
    provider.lie(**lies)
    browser = Browser(open_house)
    assert problem(browser.sign_in(subject), open_house) == "refused"
    check_nobody_came_in(browser, open_house, subject)
    provider.be_honest()
    assert browser.sign_in(subject) == open_house.url + "/account"


@pytest.mark.one_database
def test_an_id_token_of_another_key_is_refused(
    open_house: House, provider: Provider, subject: str
) -> None:
    provider.forge_keys()
    browser = Browser(open_house)
    assert problem(browser.sign_in(subject), open_house) == "refused"
    check_nobody_came_in(browser, open_house, subject)


@pytest.mark.one_database
def test_a_nonce_of_another_sign_in_is_refused(open_house: House, subject: str) -> None:
    """A code of somebody else's sign-in, put into this one."""
    browser = Browser(open_house)
    address = with_query(browser.start(), nonce="of-another-sign-in")
    location = browser.back(browser.consent(address, subject))
    assert problem(location, open_house) == "refused"
    check_nobody_came_in(browser, open_house, subject)


@pytest.mark.one_database
def test_a_code_of_another_client_is_refused(open_house: House, subject: str) -> None:
    browser = Browser(open_house)
    address = with_query(browser.start(), client_id="another-client")
    location = browser.back(browser.consent(address, subject))
    assert problem(location, open_house) == "refused"
    check_nobody_came_in(browser, open_house, subject)


@pytest.mark.one_database
def test_a_code_without_its_verifier_is_refused(open_house: House, subject: str) -> None:
    """PKCE: a code that was stolen on its way is worth nothing in another sign-in."""
    victim, thief = Browser(open_house), Browser(open_house)
    stolen = parse_qs(urlsplit(victim.consent(victim.start(), subject)).query)["code"][0]
    own = thief.consent(thief.start(), "thief")
    assert problem(thief.back(with_query(own, code=stolen)), open_house) == "refused"
    check_nobody_came_in(thief, open_house, subject)


def test_the_state_is_this_browsers_and_good_once(open_house: House, subject: str) -> None:
    browser, other = Browser(open_house), Browser(open_house)
    back = browser.consent(browser.start(), subject)
    # Another browser, which somebody lured to the address, is signed in as nobody.
    assert problem(other.back(back), open_house) == "expired"
    assert other.refresh().status_code == 401
    for changed in ({"state": "0" * 64}, {"state": "\u00e9"}, {"state": None}):
        assert problem(browser.back(with_query(back, **changed)), open_house) == "expired"
    assert browser.back(back) == open_house.url + "/account"
    again = Browser(open_house)
    again.http.cookies.update(browser.http.cookies)
    assert problem(again.back(back), open_house) == "expired"


def test_a_sign_in_that_took_too_long_is_over(open_house: House, subject: str) -> None:
    browser = Browser(open_house)
    back = browser.consent(browser.start(), subject)
    with open_house.database.session() as session:
        for flow in session.scalars(select(OidcFlow)):
            flow.expires_at = flow.created_at
    assert problem(browser.back(back), open_house) == "expired"
    check_nobody_came_in(browser, open_house, subject)


@pytest.mark.one_database
def test_two_tabs_do_not_disturb_each_other(open_house: House, subject: str) -> None:
    browser = Browser(open_house)
    first, second = browser.start(), browser.start("/device")
    assert browser.back(browser.consent(second, subject)) == open_house.url + "/device"
    assert browser.back(browser.consent(first, subject)) == open_house.url + "/account"


@pytest.mark.one_database
def test_who_says_no_at_the_provider_is_back_at_the_sign_in(
    open_house: House, subject: str
) -> None:
    browser = Browser(open_house)
    back = browser.consent(browser.start("/device?code=BCDF-GHJK"), subject, deny=True)
    # The package forgets the state; a provider must send it.
    state = parse_qs(urlsplit(browser.start("/device?code=BCDF-GHJK")).query)["state"][0]
    location = browser.back(with_query(back, state=state))
    assert problem(location, open_house) == "cancelled"
    assert parse_qs(urlsplit(location).query)["next"] == ["/device?code=BCDF-GHJK"]


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("asked", "ends"),
    [
        ("/device?code=BCDF-GHJK", "/device?code=BCDF-GHJK"),
        ("https://evil.example/", "/account"),
        ("//evil.example", "/account"),
        ("/api/v1/projects", "/account"),
    ],
)
def test_people_end_on_our_own_pages_only(
    open_house: House, subject: str, asked: str, ends: str
) -> None:
    assert Browser(open_house).sign_in(subject, asked) == open_house.url + ends


@pytest.mark.one_database
def test_what_goes_through_addresses_and_cookies(open_house: House, subject: str) -> None:
    browser = Browser(open_house)
    answer = browser.http.get(f"{open_house.url}/api/v1/auth/oidc/{NAME}/start")
    query = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert query["code_challenge_method"] == ["S256"]
    assert query["scope"] == ["openid email profile"]
    assert query["redirect_uri"] == [f"{open_house.url}/api/v1/auth/oidc/{NAME}/callback"]
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert query["state"][0] not in cookie
    back = browser.http.get(browser.consent(answer.headers["Location"], subject))
    *given, forget = back.headers.get_list("set-cookie")
    assert "Max-Age=0" in forget
    log = open_house.processes[0].log.read_text()
    for cookie, name in zip(given, ("roto_refresh", "roto_access"), strict=True):
        assert "HttpOnly" in cookie
        assert "SameSite=strict" in cookie
        secret = cookie.partition("=")[2].partition(";")[0]
        assert secret not in log
        assert browser.http.cookies.get(name) == secret


@pytest.mark.one_database
def test_what_the_id_token_lacks_is_asked_for(
    open_house: House, provider: Provider, subject: str
) -> None:
    """Some providers tell the address as user info only, and that must be about the same person."""
    provider.lie(email=None, email_verified=None)
    assert Browser(open_house).sign_in(subject) == open_house.url + "/account"
    assert user_of(open_house, f"{subject}@{DOMAIN}") is not None
    provider.lie(email=None, email_verified=None, sub="somebody-else")
    assert problem(Browser(open_house).sign_in(subject), open_house) == "refused"


@pytest.mark.one_database
def test_the_providers_keys_may_be_rotated(
    open_house: House, provider: Provider, subject: str
) -> None:
    assert Browser(open_house).sign_in(subject) == open_house.url + "/account"
    provider.rotate_keys()
    assert Browser(open_house).sign_in(subject) == open_house.url + "/account"


@pytest.mark.one_database
def test_the_sign_in_page_learns_of_the_provider(open_house: House) -> None:
    with open_house.client() as anyone:
        told = anyone.get("/auth/providers").json()
        start = f"{open_house.url}/api/v1/auth/oidc/{NAME}/start"
        assert told == {
            "registration": "open",
            "providers": [{"name": NAME, "title": "Studio ID", "start_url": start}],
        }
        assert anyone.get("/auth/oidc/nobody/start").status_code == 404
        assert anyone.get("/auth/oidc/nobody/callback").status_code == 404


def first_answer(process: Process, path: str) -> httpx.Response:
    """What a server says as soon as it says anything."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        assert process.popen.poll() is None, process.log.read_text()
        try:
            return httpx.get(process.url + path, timeout=30)
        except httpx.TransportError:
            assert time.monotonic() < deadline, process.log.read_text()
            time.sleep(0.05)


@pytest.mark.one_database
def test_without_new_people_only_those_with_accounts_come_in(
    provider: Provider, subject: str, tmp_path: Path
) -> None:
    settings = as_setting(provider.entry())
    with running_house(tmp_path, f"sqlite:///{tmp_path / 'roto.db'}", **settings) as house:
        assert problem(Browser(house).sign_in(subject), house) == "unknown"
        ann = house.person()
        provider.person(subject, email=ann.email)
        assert problem(Browser(house).sign_in(subject), house) == "unverified"
        provider.person(subject, email=ann.email, email_verified=True)
        browser = Browser(house)
        assert browser.sign_in(subject) == house.url + "/account"
        assert browser.refresh().json()["user"]["id"] == ann.id
        invited = house.person(state="unconfirmed")
        provider.person("invited", email=invited.email, email_verified=True)
        assert Browser(house).sign_in("invited") == house.url + "/account"


@pytest.mark.one_database
def test_a_provider_that_does_not_work_makes_the_server_not_ready(
    provider: Provider, tmp_path: Path
) -> None:
    """Each for its own reason, and named; signing in says that it cannot be reached."""
    entries = [
        provider.entry(name="good"),
        provider.entry(name="away", issuer=f"http://localhost:{free_port()}"),
        provider.entry(name="other", issuer=provider.issuer + "/"),
        provider.entry(name="stranger", client_secret="wrong"),
    ]
    settings = as_setting(*entries)
    url = f"sqlite:///{tmp_path / 'roto.db'}"
    with running_house(tmp_path, url, servers=0, **settings) as house:
        process = house.launch()
        answer = first_answer(process, "/readyz")
        assert answer.status_code == 503
        checks = answer.json()["checks"]
        assert checks["oidc good"]["ok"]
        for name, reason in (
            ("away", "cannot be reached"),
            ("other", "says that its issuer is"),
            ("stranger", "invalid_client"),
        ):
            told = checks[f"oidc {name}"]
            assert not told["ok"]
            assert told["setting"] == "ROTO_OIDC_PROVIDERS"
            assert f"{name}: " in told["message"]
            assert reason in told["message"]
        assert "the secret of" not in answer.text
        for name in ("away", "other"):
            assert problem(Browser(house).start(provider=name), house) == "unavailable"


@pytest.mark.one_database
def test_a_provider_that_goes_down_in_the_middle_lets_nobody_in(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'roto.db'}"
    with ExitStack() as while_up, ExitStack() as stack:
        provider = while_up.enter_context(running_provider())
        settings = as_setting(provider.entry(new_people=True))
        house = stack.enter_context(running_house(tmp_path, url, **settings))
        provider.person("ada", email="ada@studio.example", email_verified=True)
        browser = Browser(house)
        back = browser.consent(browser.start(), "ada")
        while_up.close()
        assert problem(browser.back(back), house) == "unavailable"
        check_nobody_came_in(browser, house, "ada")
        assert "cannot be reached" in house.processes[0].log.read_text()
