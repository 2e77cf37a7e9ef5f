"""``python -m roto_worker.runtime CONFIG_JSON``: the child the supervisor starts."""

from __future__ import annotations

import sys

from .config import WorkerConfig
from .process import main

if __name__ == "__main__":
    raise SystemExit(main(WorkerConfig.from_json(sys.argv[1])))
