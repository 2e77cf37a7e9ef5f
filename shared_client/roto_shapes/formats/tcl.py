"""The little of Tcl that a Nuke script is: commands of words, and lists in braces."""

from __future__ import annotations

import re
from typing import Iterator, List, Tuple, Union

from ..errors import DocumentError

Tree = List[Union[str, "Tree"]]

_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
_QUOTED = re.compile(r'"(?:\\.|[^"\\])*"', re.DOTALL)
_SPACE = re.compile(r"(?:[ \t\r]|\\\n)*")
_BARE = re.compile(r"(?:\\.|[^\\\s;\[])*", re.DOTALL)
_BRACKET = re.compile(r"\\.|[\[\]]", re.DOTALL)
_ITEM = re.compile(r'\s+|[{}]|"(?:\\.|[^"\\])*"|(?:\\.|[^\s{}\\])+', re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


def commands(text: str) -> Iterator[List[str]]:
    """The commands of a script as words; braces and quotes around a word are dropped.

    Raises DocumentError if braces, brackets or quotes do not balance.
    """
    words: List[str] = []
    i = 0
    while i < len(text):
        i = _end(_SPACE, text, i)
        if i == len(text):
            break
        if text[i] in "\n;":
            if words:
                yield words
            words, i = [], i + 1
        elif text[i] == "#" and not words:
            i = (text.find("\n", i) + 1) or len(text)
        else:
            word, i = _word(text, i)
            words.append(word)
    if words:
        yield words


def _word(text: str, i: int) -> Tuple[str, int]:
    if text[i] == "{":
        end = _closing(_BRACE, "{", text, i)
        return text[i + 1 : end - 1], end
    if text[i] == '"':
        match = _QUOTED.match(text, i)
        if match is None:
            raise _unbalanced("quote", text, i)
        return _ESCAPED.sub(r"\1", match.group()[1:-1]), match.end()
    end = _end(_BARE, text, i)
    while end < len(text) and text[end] == "[":
        end = _end(_BARE, text, _closing(_BRACKET, "[", text, end))
    if end == i:
        raise _unbalanced("backslash", text, i)
    return text[i:end], end


def _end(pattern: re.Pattern[str], text: str, i: int) -> int:
    match = pattern.match(text, i)
    return match.end() if match else i


def _closing(pattern: re.Pattern[str], opening: str, text: str, i: int) -> int:
    """Just behind the bracket that closes the one at ``i``."""
    depth = 0
    for match in pattern.finditer(text, i):
        token = match.group()
        if len(token) == 1:
            depth += 1 if token == opening else -1
            if depth == 0:
                return match.end()
    raise _unbalanced("brace", text, i)


def _unbalanced(what: str, text: str, i: int) -> DocumentError:
    line = text.count("\n", 0, i) + 1
    return DocumentError(f"nuke: line {line}: a {what} does not end", detail={"line": line})


def parse_list(text: str) -> Tree:
    """A brace list as nested lists of text. Raises DocumentError if its braces do not balance."""
    root: Tree = []
    stack: List[Tree] = [root]
    for match in _ITEM.finditer(text):
        item = match.group()
        if item.isspace():
            continue
        if item == "{":
            inner: Tree = []
            stack[-1].append(inner)
            stack.append(inner)
        elif item == "}":
            stack.pop()
            if not stack:
                raise DocumentError("nuke: curves: a brace too many")
        elif item[0] == '"':
            stack[-1].append(_ESCAPED.sub(r"\1", item[1:-1]))
        else:
            stack[-1].append(item)
    if len(stack) != 1:
        raise DocumentError("nuke: curves: a brace does not end")
    return root
