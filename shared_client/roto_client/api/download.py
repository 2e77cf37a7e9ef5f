"""Result files, fetched so that a file is either complete and verified or not there.

Bytes go to ``.<name>.part`` beside the target, continue there after a cut connection or a new
start of the program, are checked against size and SHA-256, and only then take the target's name
(an atomic rename). A target that already holds the right bytes is not fetched again. Two fetches of
one result at a time do not meet: see `part.own_part`.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path, PurePosixPath
from typing import Callable, Iterator, Sequence

from .errors import ConflictError, ServerError, ServerUnavailableError, TransferError
from .models import Output
from .part import own_part
from .transport import Answer, Transport

# What of a piece had arrived when the connection broke is lost: small enough not to matter.
_PIECE = 1 << 16

Transferred = Callable[[int], None]
"""Called with the number of bytes just fetched (or found to be there already)."""

_STREAMS = 4

# Pictures to look at; unlike mattes and shapes their names carry no version.
_REPLACED = ("overlay", "contact_sheet")


def download_outputs(
    transport: Transport,
    job_id: str,
    outputs: Sequence[Output],
    folder: Path,
    progress: Transferred | None = None,
) -> list[Path]:
    """Fetch ``outputs`` to ``folder/<output.name>``, some at a time; the paths, in order.

    Another job's mattes or shapes under the same name are not replaced: ConflictError, and
    nothing is fetched. Raises TransferError for a name that leaves the folder, and what
    `download_file` raises.
    """
    from concurrent.futures import ThreadPoolExecutor

    targets = [(output, folder / safe_relative(output.name)) for output in outputs]
    wanted = [(output, target) for output, target in targets if not _is(target, output)]
    _check_free(job_id, wanted)
    report = progress or _silent
    report(sum(output.size for output in outputs) - sum(output.size for output, _ in wanted))
    with ThreadPoolExecutor(_STREAMS, thread_name_prefix="roto-download") as pool:
        waiting = [
            pool.submit(download_file, transport, job_id, output, target, progress)
            for output, target in wanted
        ]
        try:
            for future in waiting:
                future.result()
        except BaseException:
            for future in waiting:
                future.cancel()
            raise
    return [target for _, target in targets]


def _check_free(job_id: str, wanted: Sequence[tuple[Output, Path]]) -> None:
    taken = [
        target for output, target in wanted if target.exists() and output.role not in _REPLACED
    ]
    if taken:
        more = f" and {len(taken) - 1} more" if len(taken) > 1 else ""
        raise ConflictError(
            f"{taken[0]}{more} is there already, with other contents.",
            hint=f"Fetch into another folder: roto download {job_id} --out DIR.",
            detail={"files": [str(path) for path in taken[:100]]},
        )


def download_file(
    transport: Transport,
    job_id: str,
    output: Output,
    target: Path,
    progress: Transferred | None = None,
) -> Path:
    """Fetch one output to the file ``target`` and return it.

    Bytes that do not match are thrown away and fetched once more; then TransferError. OSError
    when the target cannot be written.
    """
    report = progress or _silent
    if _is(target, output):
        report(output.size)
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with own_part(target) as part:
        for _ in range(2):
            _fetch(transport, f"/jobs/{job_id}/outputs/{output.id}", output.size, part, report)
            if _is(part, output):
                os.replace(part, target)
                return target
            part.unlink()
            report(-output.size)
    raise TransferError(
        f"{output.name} arrived damaged twice: its SHA-256 is not the one the server names.",
        hint="Something between here and the server changes bytes; try another network path.",
        detail={"name": output.name},
    )


def safe_relative(name: str) -> Path:
    """An output's name as a path below the result folder; TransferError if it would leave it."""
    path = PurePosixPath(name)
    odd = "\\" in name or ":" in name or "\0" in name
    if odd or path.is_absolute() or not path.parts or ".." in path.parts:
        raise TransferError(
            f"The server names a result file {name!r}, which would lie outside the folder.",
            hint="Do not trust this server; report it.",
            detail={"name": name},
        )
    return Path(*path.parts)


def _fetch(transport: Transport, path: str, size: int, part: Path, report: Transferred) -> None:
    """Append to ``part`` until it is ``size`` bytes long, over as many connections as it takes.

    Gives up when several connections in a row bring nothing.
    """
    have = part.stat().st_size if part.exists() else 0
    if have > size:
        part.unlink()
        have = 0
    report(have)
    failures = 0
    while have < size or not part.exists():
        before = have
        try:
            have = _continue(transport, path, part, have, report)
            cut: ServerUnavailableError | None = None
        except ServerUnavailableError as error:
            cut = error
            have = part.stat().st_size if part.exists() else 0
        if have > size:
            return
        if have == before and size > 0:
            failures += 1
            if failures >= transport.retry.tries:
                raise cut or ServerError(f"The server sends no bytes of {part.name[1:-5]}.")
            transport.sleep(transport.retry.pause(failures))
        else:
            failures = 0


def _continue(transport: Transport, path: str, part: Path, have: int, report: Transferred) -> int:
    headers = {"Range": f"bytes={have}-"} if have else {}
    # Compression on the way would make offsets mean something else.
    headers["Accept-Encoding"] = "identity"
    answer = transport.send("GET", path, headers=headers, stream=True)
    try:
        if have and answer.status_code != 206:
            report(-have)
            have = 0
        with open(part, "ab" if have else "wb") as file:
            for chunk in _chunks(answer):
                file.write(chunk)
                have += len(chunk)
                report(len(chunk))
        return have
    finally:
        answer.close()


def _chunks(answer: Answer) -> Iterator[bytes]:
    import requests

    try:
        yield from answer.iter_content(_PIECE)
    except requests.RequestException as error:
        raise ServerUnavailableError(f"The connection was cut: {error}") from error


def _is(path: Path, output: Output) -> bool:
    """Whether ``path`` is a file with the size and SHA-256 of ``output``."""
    if not path.is_file() or path.stat().st_size != output.size:
        return False
    return output.sha256 is None or sha256_of(path) == output.sha256


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, as 64 hex digits."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


def _silent(count: int) -> None:
    """For callers who do not watch."""
