"""A whole farm in real processes: Redis, `roto serve`, `roto worker`, each to be killed at will."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psutil
import redis
import requests
from helpers_runtime import redis_server, wait_until

from helpers_services import free_port
from roto_client.api.client import RotoClient
from roto_client.api.models import Job, Shot
from roto_worker.synthetic.clip import Clip, generate_clip

ROTO = [sys.executable, "-m", "roto_client.cli"]
STAND_IN = Path(__file__).parent / "stand_in"
FRAMES = 8
START_SECONDS = 180.0

SHORT_TIMES = {
    "ROTO_HEARTBEAT_SECONDS": "0.3",
    "ROTO_LEASE_SECONDS": "15",
    "ROTO_RING_AFTER_SECONDS": "1",
    "ROTO_RECONCILE_SECONDS": "0.2",
    "ROTO_RETRY_BACKOFF_SECONDS": "0.1",
    "ROTO_PUBLISH_GRACE_SECONDS": "1",
    "ROTO_PREVIEW_WAIT_SECONDS": "0.5",
    "ROTO_PREVIEW_SECONDS": "240",
    "ROTO_PREVIEW_ANSWER_SECONDS": "100",
}


class Farm:
    """Processes on one data directory; everything still alive is killed by `close`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.plates = folder / "plates"
        self.logs = folder / "logs"
        for made in (self.plates, self.logs):
            made.mkdir(parents=True)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._processes: list[subprocess.Popen[bytes]] = []
        self._redis = ExitStack()
        self.redis_url = self.api_key = ""
        self.storage = self.data / "storage"
        self.server: subprocess.Popen[bytes] | None = None
        self._slot = 0
        self._shots = 0

    def open(self) -> Farm:
        """Start Redis and server; no worker yet."""
        self.start_redis()
        self.roto("admin", "migrate")
        (self.folder / "farm-token").write_text(self._token("farm"))
        self.api_key = self._token("user")
        self.client = RotoClient(self.url, self.api_key)
        self.start_server()
        self.project = self.client.create_project("show")
        return self

    def open_embedded(self, *prefix: str, **disturbances: object) -> Farm:
        """Instead of `open`: everything under one `roto serve --embedded`, with one worker.

        ``prefix`` is put before the command.
        """
        options = ["--data-dir", str(self.data), "--port", str(self.port)]
        options += ["--allow", str(self.plates)]
        env = _disturbed(disturbances)
        self.server = self._start("server", ["serve", "--embedded", *options], env, prefix)
        wait_until(self._ready, "the server is ready", START_SECONDS)
        wait_until((self.data / "server.json").exists, "the server is announced", START_SECONDS)
        self.client = RotoClient(self.url, (self.data / "api-key").read_text().strip())
        self.project = self.client.create_project("show")
        return self

    def close(self) -> None:
        self._end(self._processes)
        self._redis.close()

    def stand_again(self) -> None:
        """End the workers, and mend what a test has killed."""
        self._end([process for process in self._processes if process is not self.server])
        if self.redis.poll() is not None:
            self.start_redis()
        assert self.server is not None
        if self.server.poll() is not None:
            self.start_server()

    def _end(self, processes: list[subprocess.Popen[bytes]]) -> None:
        for process in processes:
            if process.poll() is None:
                process.terminate()
        for process in processes:
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    # -- processes

    def start_redis(self) -> None:
        home = self.folder / "redis"
        home.mkdir(exist_ok=True)
        self.redis_url, self.redis = self._redis.enter_context(redis_server(home))

    def redis_client(self) -> redis.Redis:
        return redis.Redis.from_url(self.redis_url)

    def kill_redis(self) -> None:
        """With all it holds: nothing of it is on disk."""
        self.redis.kill()
        self.redis.wait()

    def start_server(self) -> None:
        self.server = self._start("server", ["serve", "--port", str(self.port)])
        wait_until(self._ready, "the server is ready", START_SECONDS)

    def kill_server(self) -> None:
        assert self.server is not None
        self.server.kill()
        self.server.wait()

    def start_worker(self, **disturbances: object) -> subprocess.Popen[bytes]:
        """A supervised worker in the next slot; ``slow=0.1`` sets ROTO_TEST_SLOW, and so on."""
        options = ["--slot", str(self._slot), "--node", "node", "--drain-seconds", "1"]
        options += ["--scratch", str(self.folder / "scratch")]
        self._slot += 1
        env = _disturbed(disturbances)
        self.worker_log = self.logs / f"worker-{self._slot}.log"
        return self._start(f"worker-{self._slot}", ["worker", *options], env)

    def roto(self, *arguments: str) -> str:
        """A `roto` command run to its end; its output."""
        run = subprocess.run(
            [*ROTO, *arguments], env=self.environment(), capture_output=True, text=True, check=False
        )
        assert run.returncode == 0, run.stderr
        return run.stdout

    def environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in os.environ if not name.startswith("ROTO_")}
        return {
            **kept,
            **SHORT_TIMES,
            "PYTHONPATH": str(STAND_IN),
            "ROTO_DATA_DIR": str(self.data),
            "ROTO_STORAGE_ROOT": str(self.storage),
            "ROTO_REDIS_URL": self.redis_url,
            "ROTO_ALLOWED_ROOTS": str(self.plates),
            "ROTO_WORKER_ROOTS": os.pathsep.join(map(str, (self.plates, self.storage))),
            "ROTO_SERVER": self.url,
            "ROTO_API_KEY": self.api_key,
            "ROTO_FARM_TOKEN_FILE": str(self.folder / "farm-token"),
        }

    def _start(
        self,
        name: str,
        arguments: list[str],
        env: dict[str, str] | None = None,
        prefix: tuple[str, ...] = (),
    ) -> subprocess.Popen[bytes]:
        with (self.logs / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                [*prefix, *ROTO, *arguments],
                env={**self.environment(), **(env or {})},
                stdout=log,
                stderr=log,
            )
        self._processes.append(process)
        return process

    def _token(self, scope: str) -> str:
        role = ["--role", "admin"] if scope == "user" else []
        made = self.roto("admin", "token", "create", "--scope", scope, "--name", "test", *role)
        return made.strip()

    def _ready(self) -> bool:
        assert self.server is not None
        assert self.server.poll() is None, (self.logs / "server.log").read_text()
        try:
            return requests.get(f"{self.url}/healthz", timeout=10).ok
        except requests.RequestException:
            return False

    # -- work

    def clip(self, frames: int = FRAMES, **options: Any) -> Clip:
        """A small generated clip among the plates."""
        folder = self.plates / f"plate{len(list(self.plates.iterdir()))}"
        return generate_clip(folder, 160, 120, frames, **options)

    def shot(self, path: str) -> Shot:
        """A shot of its own of the plate at ``path``."""
        self._shots += 1
        return self.client.create_shot(self.project.id, f"sh{self._shots:03d}", path=path)

    def submit(self, shot: Shot, clip: Clip, **request: Any) -> Job:
        """A roto job on the clip's own object, tracked by flow."""
        body = {
            "objects": [{"name": "hero", "prompts": [clip.prompt]}],
            "frame_range": list(clip.frame_range),
            "engine": "flow",
            "outputs": ["mattes", "shapes"],
            "exports": ["nuke", "silhouette", "json"],
            **request,
        }
        return self.client.segment(shot.id, body)

    def ended(self, job: Job, seconds: float = 150.0) -> Job:
        """Wait for the job to end."""
        return self.until(job, lambda now: now.ended, seconds)

    def until(self, job: Job, condition: Callable[[Job], bool], seconds: float = 150.0) -> Job:
        deadline = time.monotonic() + seconds
        while True:
            try:
                now = self.client.job(job.id)
            except Exception as error:  # the server may be down on purpose
                if time.monotonic() > deadline:
                    raise AssertionError(self.story(job)) from error
                time.sleep(0.1)
                continue
            if condition(now):
                return now
            assert not now.ended, self.story(now)
            assert time.monotonic() < deadline, self.story(now)
            time.sleep(0.05)

    def tracking(self, job: Job, frames: int = 3) -> Job:
        """Wait until track is in the middle."""
        return self.until(job, lambda now: _frames_done(now) >= frames)

    def task(self, job: Job, kind: str) -> Any:
        return next(task for task in self.client.job(job.id).tasks if task.kind == kind)

    def mattes(self, job: Job) -> dict[str, bytes]:
        """The published masks of the job's track task, by ``object/frame.png``."""
        folder = self.shot_folder(job) / "masks" / f"v{job.version:03d}"
        return {
            str(path.relative_to(folder)): path.read_bytes()
            for path in sorted(folder.glob("*/*.png"))
        }

    def wait_swept(self, job: Job) -> None:
        """Wait until nothing is left of the job's attempts: they go when it has ended."""
        attempts = self.shot_folder(job) / "attempts"
        wait_until(lambda: not list(attempts.iterdir()), "the attempts are removed", 30)

    def shot_folder(self, job: Job) -> Path:
        return self.storage / "projects" / job.project_id / job.shot_id

    def worker_pid(self) -> int:
        """Pid of the one worker process (not its supervisor)."""
        found = [
            child.pid
            for process in self._processes
            if process.poll() is None
            for child in psutil.Process(process.pid).children()
            if "roto_worker.runtime" in child.cmdline()
        ]
        assert len(found) == 1, found
        return found[0]

    def _recent_logs(self) -> list[Path]:
        return sorted(self.logs.iterdir(), key=lambda log: log.stat().st_mtime)[-2:]

    def story(self, job: Job) -> str:
        """All there is to know about a job that did not do what it should."""
        parts = [json.dumps(job.raw, indent=1)]
        parts += [f"== {log.name}\n{log.read_text()[-3000:]}" for log in self._recent_logs()]
        return "\n".join(parts)


@contextmanager
def working_farm(folder: Path) -> Iterator[Farm]:
    """Redis, a server and one worker, until the end."""
    farm = Farm(folder)
    try:
        farm.open().start_worker()
        yield farm
    finally:
        farm.close()


def _disturbed(disturbances: dict[str, object]) -> dict[str, str]:
    return {f"ROTO_TEST_{name.upper()}": str(value) for name, value in disturbances.items()}


def _frames_done(job: Job) -> int:
    return next((task.progress.done for task in job.tasks if task.kind == "track"), 0)
