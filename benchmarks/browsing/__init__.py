"""The dashboard in a browser; people and houses are those of the tests."""

import sys
from pathlib import Path

_TESTS = Path(__file__).resolve().parents[2] / "tests"
sys.path[1:1] = [str(_TESTS), str(_TESTS / "people"), str(_TESTS / "browser")]
