"""What of a change between two OpenAPI documents breaks a client that was made from the first.

A request may only become more welcome, an answer only more certain: what a client could send must
still be taken, what it could rely on must still be there.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]

# For each: whether a larger number lets more through.
_BOUNDS = {
    "maximum": True, "exclusiveMaximum": True, "maxLength": True, "maxItems": True,
    "minimum": False, "exclusiveMinimum": False, "minLength": False, "minItems": False,
}  # fmt: skip


def breaking(old: Schema, new: Schema) -> list[str]:
    """Each change from ``old`` to ``new`` that breaks a client, as a line of text."""
    return list(dict.fromkeys(_Comparison(old, new).operations()))


class _Comparison:
    def __init__(self, old: Schema, new: Schema) -> None:
        self.old, self.new = old, new
        self.seen: set[tuple[str, str, bool]] = set()

    def operations(self) -> Iterator[str]:
        for path, methods in self.old["paths"].items():
            for method, before in methods.items():
                where = f"{method.upper()} {path}"
                after = self.new["paths"].get(path, {}).get(method)
                if after is None:
                    yield f"{where}: gone"
                    continue
                yield from self.parameters(where, before, after)
                yield from self.body(where, before.get("requestBody"), after.get("requestBody"))
                yield from self.answers(where, before["responses"], after["responses"])

    def parameters(self, where: str, before: Schema, after: Schema) -> Iterator[str]:
        had = {(one["in"], one["name"]): one for one in before.get("parameters", ())}
        have = {(one["in"], one["name"]): one for one in after.get("parameters", ())}
        for key, one in have.items():
            if one.get("required") and not had.get(key, {}).get("required"):
                yield f"{where}: {key[0]} parameter {key[1]} is required now"
        for key, one in had.items():
            place = f"{where}: {key[0]} parameter {key[1]}"
            if key not in have:
                yield f"{place}: gone"
            else:
                yield from self.sent(place, one["schema"], have[key]["schema"])

    def body(self, where: str, before: Schema | None, after: Schema | None) -> Iterator[str]:
        if after is None:
            if before is not None:
                yield f"{where}: takes no body any more"
            return
        if after.get("required") and not (before or {}).get("required"):
            yield f"{where}: needs a body now"
        for kind, content in (before or {}).get("content", {}).items():
            if kind not in after["content"]:
                yield f"{where}: takes no {kind} any more"
            else:
                schemas = (content["schema"], after["content"][kind]["schema"])
                yield from self.sent(f"{where}: body", *schemas)

    def answers(self, where: str, before: Schema, after: Schema) -> Iterator[str]:
        for status, answer in before.items():
            if not status.startswith("2"):
                continue
            if status not in after:
                yield f"{where}: answers no {status} any more"
                continue
            for kind, content in answer.get("content", {}).items():
                if kind not in after[status].get("content", {}):
                    yield f"{where}: answers no {kind} any more"
                elif "schema" in content:
                    told = after[status]["content"][kind]["schema"]
                    yield from self.told(f"{where}: answer {status}", content["schema"], told)

    def sent(self, where: str, before: Schema, after: Schema) -> Iterator[str]:
        """``after`` must take everything ``before`` took."""
        before, after = self.resolved(self.old, before), self.resolved(self.new, after)
        if self.known(before, after, sending=True):
            return
        for one in _branches(before):
            if not any(self.takes(one, other) for other in _branches(after)):
                problems = [list(self.narrowed(where, one, other)) for other in _branches(after)]
                yield from min(problems, key=len)

    def takes(self, one: Schema, other: Schema) -> bool:
        seen = set(self.seen)
        fits = not any(self.narrowed("", one, other))
        if not fits:
            self.seen = seen
        return fits

    def narrowed(self, where: str, before: Schema, after: Schema) -> Iterator[str]:
        before, after = self.resolved(self.old, before), self.resolved(self.new, after)
        if not _types(before) <= _types(after) and _types(after):
            yield f"{where}: {sorted(_types(before))} became {sorted(_types(after))}"
            return
        lost = _values(before) - _values(after)
        if _values(after) and (lost or not _values(before)):
            yield f"{where}: takes no {sorted(lost) or 'other values'} any more"
        for name, more_is_wider in _BOUNDS.items():
            if name in after:
                was, limit = before.get(name), after[name]
                if was is None or (limit < was if more_is_wider else limit > was):
                    yield f"{where}: {name} {was} became {limit}"
        if after.get("pattern") not in (None, before.get("pattern")):
            yield f"{where}: pattern {before.get('pattern')} became {after['pattern']}"
        yield from self.narrowed_parts(where, before, after)

    def narrowed_parts(self, where: str, before: Schema, after: Schema) -> Iterator[str]:
        properties, others = before.get("properties", {}), after.get("properties", {})
        for name in set(after.get("required", ())) - set(before.get("required", ())):
            yield f"{where}.{name}: is required now"
        for name, schema in properties.items():
            if name in others:
                yield from self.sent(f"{where}.{name}", schema, others[name])
            elif after.get("additionalProperties") is False:
                yield f"{where}.{name}: is refused now"
        if "items" in before and "items" in after:
            yield from self.sent(f"{where}[]", before["items"], after["items"])

    def told(self, where: str, before: Schema, after: Schema) -> Iterator[str]:
        """``after`` must be something whoever expects ``before`` understands."""
        before, after = self.resolved(self.old, before), self.resolved(self.new, after)
        if self.known(before, after, sending=False):
            return
        new_types = {kind for one in _branches(after) for kind in _types(self.of_new(one))}
        old_types = {kind for one in _branches(before) for kind in _types(self.of_old(one))}
        if old_types and not new_types <= old_types:
            yield f"{where}: may be {sorted(new_types - old_types)} now"
            return
        for one in _branches(before):
            for other in _branches(after):
                yield from self.told_parts(where, self.of_old(one), self.of_new(other))

    def told_parts(self, where: str, before: Schema, after: Schema) -> Iterator[str]:
        if _types(before) != _types(after):
            return
        others = after.get("properties", {})
        for name, schema in before.get("properties", {}).items():
            if name not in others:
                yield f"{where}.{name}: gone"
            else:
                yield from self.told(f"{where}.{name}", schema, others[name])
        for name in set(before.get("required", ())) - set(after.get("required", ())):
            if name in others:
                yield f"{where}.{name}: may be missing now"
        if "items" in before and "items" in after:
            yield from self.told(f"{where}[]", before["items"], after["items"])

    def known(self, before: Schema, after: Schema, *, sending: bool) -> bool:
        key = (json.dumps(before, sort_keys=True), json.dumps(after, sort_keys=True), sending)
        known = key in self.seen
        self.seen.add(key)
        return known

    def of_old(self, schema: Schema) -> Schema:
        return self.resolved(self.old, schema)

    def of_new(self, schema: Schema) -> Schema:
        return self.resolved(self.new, schema)

    def resolved(self, document: Schema, schema: Schema) -> Schema:
        while "$ref" in schema:
            schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return schema


def _branches(schema: Schema) -> list[Schema]:
    found: list[Schema] = schema.get("anyOf") or schema.get("oneOf") or [schema]
    return found


def _types(schema: Schema) -> set[str]:
    kind = schema.get("type")
    if kind is None:
        return set()
    return set(kind) if isinstance(kind, list) else {kind}


def _values(schema: Schema) -> set[str]:
    values = [schema["const"]] if "const" in schema else schema.get("enum", [])
    return {json.dumps(value) for value in values}
