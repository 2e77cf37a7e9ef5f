"""Settings are mixed together: a validator must not take the place of another's of its name."""

from __future__ import annotations

from roto_server.settings import Settings

_OF_PYDANTIC = "_abc_impl"


def test_no_validator_hides_another() -> None:
    owners: dict[str, list[str]] = {}
    ours = [mixin for mixin in Settings.__mro__ if mixin.__module__.startswith("roto_server")]
    assert len(ours) > 4
    for mixin in ours:
        for name in vars(mixin):
            if name.startswith("_") and not name.startswith("__") and name != _OF_PYDANTIC:
                owners.setdefault(name, []).append(mixin.__name__)
    assert len(owners) > 5
    assert {name: where for name, where in owners.items() if len(where) > 1} == {}
