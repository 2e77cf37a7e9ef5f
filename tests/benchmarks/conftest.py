"""Makes the benchmarks' own modules importable here."""

import sys
from pathlib import Path

import roto_worker  # noqa: F401  (keeps BLAS to one thread when nothing loaded numpy before)

HERE = Path(__file__).resolve()
sys.path[:0] = [str(HERE.parents[2] / "benchmarks"), str(HERE.parent)]
