"""``python -m roto_worker.runtime NAME``: the child the supervisor starts; NAME is for people."""

from __future__ import annotations

import os

from .config import CONFIG_VARIABLE, WorkerConfig
from .process import main

if __name__ == "__main__":
    raise SystemExit(main(WorkerConfig.from_json(os.environ.pop(CONFIG_VARIABLE))))
