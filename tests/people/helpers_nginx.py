"""The nginx of deploy/nginx, really run: as an ordinary user, on free ports, with a certificate of
the test's own."""

from __future__ import annotations

import datetime
import ipaddress
import os
import pwd
import shutil
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

TEMPLATE = Path(__file__).parents[2] / "deploy" / "nginx" / "roto.conf"
INSTALL = "apt-get update && apt-get install -y --no-install-recommends nginx-light"
START_SECONDS = 60.0

_MAIN = """
daemon off;
pid {folder}/nginx.pid;
worker_processes 1;
error_log {folder}/error.log info;
events {{ worker_connections 1024; }}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    access_log off;
    include {folder}/roto.conf;
}}
"""


@dataclass
class Proxy:
    """A running nginx: its address, the certificate that signs it, its logs."""

    url: str
    plain_url: str
    port: int
    authority: Path
    folder: Path

    def trust(self) -> ssl.SSLContext:
        """For clients: this certificate is good, and no other."""
        return ssl.create_default_context(cafile=self.authority)

    def client(self, token: str | None = None) -> httpx.Client:
        """A client that trusts the certificate; addresses are those of the public API."""
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        return httpx.Client(
            base_url=self.url + "/api/v1", headers=headers, verify=self.trust(), timeout=30
        )

    def access_log(self) -> str:
        """What nginx wrote of the requests it served."""
        return (self.folder / "access.log").read_text(encoding="utf-8")


@contextmanager
def running_nginx(
    port: int, plain_port: int, servers: Sequence[str], farm: str = "127.0.0.0/8"
) -> Iterator[Proxy]:
    """deploy/nginx/roto.conf with this machine's values, before ``servers`` (host:port).

    ``farm``: the farm's network; this machine is in it unless another one is given.
    """
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    assert program, f"these tests run nginx. Install it: {INSTALL}"
    # Not below pytest's folder, which is closed to other users.
    folder = Path(tempfile.mkdtemp(prefix="roto-nginx-"))
    try:
        _write_certificate(folder)
        text = render(folder, port, plain_port, servers, farm)
        (folder / "roto.conf").write_text(text, encoding="utf-8")
        (folder / "nginx.conf").write_text(_MAIN.format(folder=folder), encoding="utf-8")
        options = _as_nobody(folder)
        command = [program, "-p", str(folder), "-c", "nginx.conf", "-e", str(folder / "error.log")]
        with (folder / "output.log").open("wb") as output:
            process = subprocess.Popen(command, stdout=output, stderr=output, **options)
        try:
            url = f"https://localhost:{port}"
            proxy = Proxy(
                url, f"http://localhost:{plain_port}", port, folder / "authority.pem", folder
            )
            _wait_ready(proxy, process)
            yield proxy
        finally:
            process.terminate()
            process.wait(60)
    finally:
        shutil.rmtree(folder)


def render(folder: Path, port: int, plain_port: int, servers: Sequence[str], farm: str) -> str:
    """The template with every placeholder filled, as its own comment tells people to."""
    text = TEMPLATE.read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.strip().startswith("server 127.0.0.1:")]
    assert len(lines) == 3, "the template shows three server processes"
    own = [
        line.replace(f"127.0.0.1:{8710 + number}", server)
        for number, (line, server) in enumerate(zip(lines, servers, strict=True))
    ]
    for count, old, new in (
        (1, "\n".join(lines), "\n".join(own)),
        (1, "listen 443 ssl", f"listen 127.0.0.1:{port} ssl"),
        (1, "listen 80;", f"listen 127.0.0.1:{plain_port};"),
        (3, "<roto.studio.example>", "localhost"),
        (1, "<certificate>", f"{folder}/server.pem"),
        (1, "<key>", f"{folder}/server.key"),
        (1, "<access log>", f"{folder}/access.log"),
        (2, "<farm network>", farm),
        (1, "https://$server_name$request_uri", f"https://$server_name:{port}$request_uri"),
    ):
        assert text.count(old) == count, f"the template has changed: {old}"
        text = text.replace(old, new)
    return text


def _wait_ready(proxy: Proxy, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        story = proxy.folder / "error.log"
        assert process.poll() is None, story.read_text() if story.exists() else "no log"
        try:
            if httpx.get(proxy.url + "/metrics", verify=proxy.trust()).status_code == 404:
                return
        except httpx.TransportError:
            pass
        assert time.monotonic() < deadline, story.read_text()
        time.sleep(0.05)


def _as_nobody(folder: Path) -> dict[str, int]:
    """Options for a process without root's rights, to whom the folder belongs."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    for path in (folder, *folder.iterdir()):
        os.chown(path, nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid}


def _write_certificate(folder: Path) -> None:
    """An authority that clients may trust, and a certificate for this machine that it signed."""
    now = datetime.datetime.now(datetime.UTC)
    authority_key, server_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    authority_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tests' authority")])

    def signed(
        name: x509.Name,
        key: ec.EllipticCurvePrivateKey,
        *extensions: tuple[x509.ExtensionType, bool],
    ) -> x509.Certificate:
        builder = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(authority_name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(minutes=5))
            .not_valid_after(now + datetime.timedelta(days=1))
        )
        for extension, critical in extensions:
            builder = builder.add_extension(extension, critical=critical)
        return builder.sign(authority_key, hashes.SHA256())

    own_id = x509.SubjectKeyIdentifier.from_public_key(authority_key.public_key())
    usage = x509.KeyUsage(
        digital_signature=True, key_cert_sign=True, crl_sign=True, content_commitment=False,
        key_encipherment=False, data_encipherment=False, key_agreement=False,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip
    authority = signed(
        authority_name,
        authority_key,
        (x509.BasicConstraints(ca=True, path_length=0), True),
        (own_id, False),
        (usage, True),
    )
    addresses = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    server = signed(
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")]),
        server_key,
        (x509.SubjectAlternativeName(addresses), False),
        (x509.BasicConstraints(ca=False, path_length=None), True),
        (x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(own_id), False),
        (x509.SubjectKeyIdentifier.from_public_key(server_key.public_key()), False),
    )
    pem = serialization.Encoding.PEM
    (folder / "authority.pem").write_bytes(authority.public_bytes(pem))
    (folder / "server.pem").write_bytes(server.public_bytes(pem))
    key = server_key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "server.key").write_bytes(key)
