"""Lua table constructors, the text form of Fusion's settings."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Dict, List, Tuple, Union

from ..errors import DocumentError

Value = Union[None, bool, float, str, "Table"]

_TOKEN = re.compile(
    r"""\s*(?:--[^\n]*\s*)*(?:
    (?P<string>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')
    |(?P<number>[-+]?(?:0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?))
    |(?P<name>[A-Za-z_][A-Za-z0-9_.]*)
    |(?P<mark>[{}\[\]=,;()]))""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(\d{1,3}|.)", re.DOTALL)
_LETTERS = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}
_WORDS: Dict[str, Value] = {"true": True, "false": False, "nil": None}
_DEEPEST = 100


@dataclass
class Table:
    """``Kind { ... }``: named and numbered fields, and what has no key, in order."""

    kind: str = ""
    fields: Dict[Union[str, float], Value] = field(default_factory=dict)
    items: List[Value] = field(default_factory=list)

    def table(self, name: Union[str, float]) -> Table:
        """The table under a key; an empty one if there is none."""
        value = self.fields.get(name)
        return value if isinstance(value, Table) else Table()

    def number(self, name: Union[str, float], default: float = 0.0) -> float:
        value = self.fields.get(name)
        return float(value) if isinstance(value, (int, float)) else default

    def text(self, name: Union[str, float]) -> str:
        value = self.fields.get(name)
        return value if isinstance(value, str) else ""


def parse(text: str) -> Table:
    """The table a settings file holds. Raises DocumentError where it is not one."""
    reader = _Reader(_tokens(text))
    value = reader.value(0)
    if not isinstance(value, Table):
        raise DocumentError("fusion: the file holds no table")
    return value


def _tokens(text: str) -> List[Tuple[str, str]]:
    tokens: List[Tuple[str, str]] = []
    i, end = 0, len(text.rstrip())
    while i < end:
        match = _TOKEN.match(text, i)
        if match is None or match.lastgroup is None:
            if re.fullmatch(r"\s*(?:--[^\n]*\s*)*", text[i:]):
                break
            line = text.count("\n", 0, i) + 1
            raise DocumentError(f"fusion: line {line} is not of a settings file")
        tokens.append((match.lastgroup, match.group(match.lastgroup)))
        i = match.end()
    tokens.append(("end", ""))
    return tokens


class _Reader:
    def __init__(self, tokens: List[Tuple[str, str]]) -> None:
        self._tokens = tokens
        self._at = 0

    def _next(self) -> Tuple[str, str]:
        found = self._tokens[self._at]
        self._at = min(self._at + 1, len(self._tokens) - 1)
        return found

    def _expect(self, mark: str) -> None:
        kind, found = self._next()
        if (kind, found) != ("mark", mark):
            raise DocumentError(f"fusion: {found or 'the end'!r} where {mark!r} was due")

    def value(self, depth: int) -> Value:
        kind, word = self._next()
        if kind == "string":
            return _ESCAPE.sub(_unescaped, word[1:-1])
        if kind == "number":
            return float(int(word, 16)) if "x" in word.lower() else float(word)
        if (kind, word) == ("mark", "{"):
            return self._table("", depth)
        if kind != "name":
            raise DocumentError(f"fusion: {word or 'the end'!r} where a value was due")
        if word in _WORDS:
            return _WORDS[word]
        if self._tokens[self._at] == ("mark", "("):
            self._next()
            self._expect(")")
        self._expect("{")
        return self._table(word, depth)

    def _table(self, kind: str, depth: int) -> Table:
        if depth > _DEEPEST:
            raise DocumentError("fusion: tables are nested too deeply")
        table = Table(kind)
        while self._tokens[self._at] != ("mark", "}"):
            self._field(table, depth)
            if self._tokens[self._at][1] in (",", ";"):
                self._next()
            elif self._tokens[self._at] != ("mark", "}"):
                raise DocumentError(f"fusion: {self._tokens[self._at][1]!r} inside a table")
        self._next()
        return table

    def _field(self, table: Table, depth: int) -> None:
        kind, word = self._tokens[self._at]
        following = self._tokens[self._at + 1 : self._at + 2]
        if (kind, word) == ("mark", "["):
            self._next()
            key = self.value(depth + 1)
            self._expect("]")
            self._expect("=")
            if not isinstance(key, (str, float)) or isinstance(key, bool):
                raise DocumentError("fusion: a key that is neither a number nor a text")
            table.fields[key] = self.value(depth + 1)
        elif kind == "name" and following == [("mark", "=")]:
            self._at += 2
            table.fields[word] = self.value(depth + 1)
        else:
            table.items.append(self.value(depth + 1))


def _unescaped(match: re.Match[str]) -> str:
    code = match.group(1)
    if code.isdigit():
        return chr(int(code))
    return _LETTERS.get(code, code)


def quoted(text: str) -> str:
    """A Lua string; control characters and lone surrogates become ``_``."""
    safe = re.sub("[\x00-\x09\x0b-\x1f\x7f\ud800-\udfff]", "_", text)
    return '"' + safe.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
