"""The farm's worker and the command-line tools that do the same work on one machine."""

from __future__ import annotations

import os

# A node runs a worker per core or GPU. BLAS threads spinning for cores that the neighbours hold
# made solves of the vectorizer ten times slower; set before numpy is loaded or not at all.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# For the same reason threads of torch sleep while they wait for each other: two of them, spinning
# on a node whose cores were taken, made a frame of SAM 2 eight times slower.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
