"""Pieces of an upload, several at a time: through the server, or straight into an object store.

Every piece is asked of the file when it is sent, so memory holds as many as are on their way. What
fails is tried again for minutes; what has arrived is counted by the server, so whoever starts anew
sends only the rest.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections import deque
from dataclasses import dataclass
from queue import Empty, Queue
from typing import TYPE_CHECKING, Iterator, Mapping, Sequence, Union

from .errors import ServerUnavailableError, StoppedError, TransferError
from .local_file import LocalFile
from .models import Progress, Upload
from .transport import Retry, Transport, ca_bundle, trusts_environment

if TYPE_CHECKING:
    import requests

AT_ONCE = 4
ADDRESSES = 32
"""Signed addresses that are asked for at once."""

_POLL_SECONDS = 0.2
_HURRY = 0.8
"""Of an address' life; older ones are not begun with."""

_UNREACHABLE = 3
"""So often the store itself may not answer before pieces go through the server instead."""


@dataclass(frozen=True)
class Piece:
    """Piece ``number`` of file ``index``: ``length`` bytes from ``offset`` on."""

    index: int
    number: int
    offset: int
    length: int


class PieceSender:
    """Sends what is missing of ``upload``, whose files are ``files``.

    ``arrived``: bytes that are there before.
    """

    def __init__(
        self,
        transport: Transport,
        upload: Upload,
        files: Sequence[LocalFile],
        patience: Retry,
        stop: threading.Event,
    ) -> None:
        if len(files) != len(upload.files):
            raise TransferError("The server's upload has another number of files than were sent.")
        self.transport = transport
        self.upload = upload
        self.files = files
        self.patience = patience
        self.stop = stop
        self.waiting = deque(_missing(upload))
        total = sum(file.size for file in upload.files)
        self.arrived = total - sum(piece.length for piece in self.waiting)
        self._store = Store(transport, upload.id, self.waiting) if upload.direct else None
        self._given_up = threading.Event()

    def send(self) -> Iterator[tuple[int, str]]:
        """Send all; yields, as pieces arrive, how many bytes are there, and a file's name.

        Raises what the first piece that fails for good raised.
        """
        told: Queue[Union[Piece, BaseException, None]] = Queue()
        count = min(AT_ONCE, len(self.waiting))
        # Daemons: a host that closes does not wait for a slow line.
        for _ in range(count):
            threading.Thread(target=self._work, args=(told,), daemon=True).start()
        done = self.arrived
        try:
            while count:
                try:
                    what = told.get(timeout=_POLL_SECONDS)
                except Empty:
                    self._check_going()
                    continue
                if what is None:
                    count -= 1
                elif isinstance(what, BaseException):
                    raise what
                else:
                    done += what.length
                    yield done, self.files[what.index].path.name
        finally:
            self._given_up.set()

    def _work(self, told: Queue[Union[Piece, BaseException, None]]) -> None:
        try:
            while not self._given_up.is_set():
                try:
                    piece = self.waiting.popleft()
                except IndexError:
                    break
                self._send_patiently(piece)
                told.put(piece)
            told.put(None)
        except BaseException as error:
            told.put(error)

    def _send_patiently(self, piece: Piece) -> None:
        failures = 0
        while True:
            self._check_going()
            try:
                return self._send(piece)
            except ServerUnavailableError:
                failures += 1
                if failures >= self.patience.tries:
                    raise
                self.transport.sleep(self.patience.pause(failures))

    def _send(self, piece: Piece) -> None:
        data = self.files[piece.index].read(piece.offset, piece.length)
        if self._store is not None and self._store.answers:
            self._store.put(piece, data)
            return
        headers = {
            "X-Roto-SHA256": hashlib.sha256(data).hexdigest(),
            "Content-Type": "application/octet-stream",
        }
        path = f"/uploads/{self.upload.id}/files/{piece.index}/pieces/{piece.number}"
        self.transport.send("PUT", path, headers=headers, data=data).close()

    def _check_going(self) -> None:
        if self.stop.is_set() or self._given_up.is_set():
            raise StoppedError("Stopped while sending the plate.")


class Store:
    """The object store that a server signs addresses for; used by several threads.

    ``waiting``: what will be sent next, so that addresses for it are asked for along. ``answers``
    turns false when this machine cannot reach it.
    """

    def __init__(self, transport: Transport, upload_id: str, waiting: deque[Piece]) -> None:
        self.answers = True
        self._transport = transport
        self._path = f"/uploads/{upload_id}/urls"
        self._waiting = waiting
        self._signed: dict[Piece, tuple[str, Mapping[str, str], float]] = {}
        self._lock = threading.Lock()
        self._failures = 0
        self._local = threading.local()

    def put(self, piece: Piece, data: bytes) -> None:
        """Put a piece. ServerUnavailableError when it may be tried again, TransferError else."""
        import requests

        url, headers = self._address(piece)
        try:
            answer = self._session(url).put(
                url,
                data=data,
                headers=dict(headers),
                timeout=self._transport.timeout,
                verify=ca_bundle(),
                allow_redirects=False,
            )
        except requests.RequestException as error:
            self._failures += 1
            self.answers = self._failures < _UNREACHABLE
            # The address opens the file to whoever reads it: it is in no message and no log.
            told = f"The object store did not answer: {type(error).__name__}."
            raise ServerUnavailableError(told) from None
        answer.close()
        if answer.ok:
            self._failures = 0
            return
        self._forget(piece)
        told = f"The object store answered {answer.status_code}."
        # Whoever waits too long finds the address closed, and gets another one.
        if answer.status_code in (400, 403, 408, 429) or answer.status_code >= 500:
            raise ServerUnavailableError(told)
        raise TransferError(told, hint="Submit again; what has arrived is kept.")

    def _address(self, piece: Piece) -> tuple[str, Mapping[str, str]]:
        with self._lock:
            known = self._signed.pop(piece, None)
            if known is None or known[2] < time.monotonic():
                self._ask(piece)
                known = self._signed.pop(piece)
        return known[0], known[1]

    def _ask(self, piece: Piece) -> None:
        pieces = [piece]
        for other in list(self._waiting)[: ADDRESSES - 1]:
            if other not in self._signed:
                pieces.append(other)
        asked = time.monotonic()
        body = {"pieces": [{"file": one.index, "number": one.number} for one in pieces]}
        answer = self._transport.json("POST", self._path, body=body, idempotent=True)
        until = asked + float(answer["expires_in"]) * _HURRY
        for one, told in zip(pieces, answer["urls"]):
            self._signed[one] = (str(told["url"]), told["headers"], until)

    def _forget(self, piece: Piece) -> None:
        with self._lock:
            self._signed.pop(piece, None)

    def _session(self, url: str) -> requests.Session:
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            import requests

            session = self._local.session = requests.Session()
            session.trust_env = trusts_environment(url)
            # A ~/.netrc entry for the store would take the place of the signature.
            session.auth = _unsigned
        return session


class Clock:
    """How far an upload is and how long the rest will take, from what this run has sent."""

    def __init__(self, total: int, arrived: int) -> None:
        self._total = total
        self._arrived = arrived
        self._began = time.monotonic()

    def progress(self, done: int, name: str) -> Progress:
        """For ``done`` bytes that are there."""
        seconds, sent = time.monotonic() - self._began, done - self._arrived
        eta = (self._total - done) * seconds / sent if sent else None
        fraction = done / self._total if self._total else 1.0
        return Progress("uploading", done, self._total, fraction, eta_seconds=eta, message=name)


def _missing(upload: Upload) -> Iterator[Piece]:
    size = upload.piece_size
    for index, file in enumerate(upload.files):
        for number in file.missing(size):
            offset = number * size
            yield Piece(index, number, offset, min(size, file.size - offset))


def _unsigned(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request
