"""Knobs: values, keys, flags, and their text in a script.

Arrays hold a number or keys ``{frame: value}`` per channel; keys are linear in between (Nuke's own
would be smooth: the plugin may not depend on either). Attributes not defined here raise, as do
values of another type than Nuke's setters take.
"""

from __future__ import annotations

from typing import Any, ClassVar

from shapes import helpers_nk

from . import host
from .host import guarded, need

INVISIBLE, STARTLINE, DO_NOT_WRITE, NO_ANIMATION, NO_UNDO = 0x400, 0x1000, 0x200, 0x100, 0x80000
DISABLED, READ_ONLY = 0x80, 0x10000000


def number(value: Any, what: str) -> float:
    need(isinstance(value, (int, float)) and not isinstance(value, bool), f"{what}: {value!r}")
    return float(value)


@guarded
class Knob:
    """``USER``: the number by which addUserKnob names the class; None: it cannot be one."""

    USER: ClassVar[int | None] = None
    __slots__ = ("_flags", "_label", "_name", "_node", "_tooltip", "_user", "_visible")

    def __init__(self, name: str, label: str | None = None) -> None:
        need(isinstance(name, str) and name.isidentifier(), f"knob name {name!r}")
        need(label is None or isinstance(label, str), f"knob label {label!r}")
        self._name, self._label = name, label if label is not None else name
        self._flags, self._visible, self._tooltip = 0, True, ""
        self._node: Any = None
        self._user = False

    def Class(self) -> str:
        return type(self).__name__

    def name(self) -> str:
        return self._name

    def label(self) -> str:
        return self._label

    def setLabel(self, label: str) -> None:
        need(isinstance(label, str), f"label {label!r}")
        self._touch()
        self._label = label

    def setTooltip(self, tooltip: str) -> None:
        need(isinstance(tooltip, str), f"tooltip {tooltip!r}")
        self._tooltip = tooltip

    def tooltip(self) -> str:
        return self._tooltip

    def node(self) -> Any:
        return self._node

    def setFlag(self, flag: int) -> None:
        need(isinstance(flag, int), f"flag {flag!r}")
        self._flags |= flag

    def clearFlag(self, flag: int) -> None:
        need(isinstance(flag, int), f"flag {flag!r}")
        self._flags &= ~flag

    def getFlag(self, flag: int) -> bool:
        return bool(self._flags & flag)

    def setVisible(self, visible: bool) -> None:
        need(isinstance(visible, bool), f"visible {visible!r}")
        self._visible = visible

    def visible(self) -> bool:
        return self._visible

    def setEnabled(self, enabled: bool) -> None:
        need(isinstance(enabled, bool), f"enabled {enabled!r}")

    def _touch(self) -> None:
        if self._node is not None:
            host.current().changed(f"{self._node._name}.{self._name}")

    def _changed(self) -> None:
        if self._node is not None:
            self._node._knob_changed(self)

    def _text(self) -> str | None:
        """The value as it is saved; None: it is the default."""
        return None

    def _load(self, text: str) -> None:
        raise RuntimeError(f"{type(self).__name__} {self._name} takes no value from a script")


def quoted(text: str) -> str:
    """A word of a script: what Tcl would touch is escaped."""
    if text and all(c.isalnum() or c in "_.-/%:" for c in text):
        return text
    for special in '\\"[]$':
        text = text.replace(special, "\\" + special)
    return f'"{text}"'


def unquoted(text: str) -> str:
    out, i = [], 0
    while i < len(text):
        i += text[i] == "\\"
        out.append(text[i : i + 1])
        i += 1
    return "".join(out)


@guarded
class String_Knob(Knob):
    USER = 1
    __slots__ = ("_value",)

    def __init__(self, name: str, label: str | None = None, value: str = "") -> None:
        super().__init__(name, label)
        need(isinstance(value, str), f"{name}: {value!r}")
        self._value = value

    def setValue(self, val: str, view: str = "default") -> None:
        need(isinstance(val, str), f"{self._name}: a text knob was given {val!r}")
        self._touch()
        self._value = val
        self._changed()

    def value(self, oc: Any = None) -> str:
        return self._value

    getValue = value

    def _text(self) -> str | None:
        return quoted(self._value) if self._value else None

    def _load(self, text: str) -> None:
        self._value = text


class EvalString_Knob(String_Knob):
    USER = 3 + 10
    __slots__ = ()

    def evaluate(self, time: float | None = None) -> str:
        host.current().check_main("EvalString_Knob.evaluate")
        return _substituted(self._value)


class File_Knob(EvalString_Knob):
    USER = 2
    __slots__ = ()

    def fromUserText(self, text: str) -> None:
        """``path 1-10``: the file, and the node's range."""
        host.current().check_main("File_Knob.fromUserText")
        need(isinstance(text, str), f"{text!r}")
        self._touch()
        path, _, span = text.rpartition(" ")
        first, dash, last = span.partition("-")
        if dash and first.isdigit() and last.isdigit() and path:
            self._value = path
            for name, value in (
                ("first", first), ("last", last), ("origfirst", first), ("origlast", last)
            ):  # fmt: skip
                self._node._knobs[name]._load(value)
        else:
            self._value = text


class PyScript_Knob(String_Knob):
    USER = 22
    __slots__ = ()

    def execute(self) -> None:
        """A click on the button."""
        node = self._node
        with node._as_this(self):
            exec(compile(self._value, f"<{self._name}>", "exec"), {"nuke": __import__("nuke")})

    def command(self) -> str:
        return self._value

    def setCommand(self, cmd: str) -> None:
        self.setValue(cmd)


class PythonKnob(String_Knob):
    __slots__ = ()


class Text_Knob(String_Knob):
    USER = 26
    __slots__ = ()

    def _text(self) -> str | None:
        return quoted(self._value) if self._value else None


class Tab_Knob(Knob):
    USER = 20
    __slots__ = ()

    def __init__(self, name: str, label: str | None = None, flag: int = 0) -> None:
        super().__init__(name, label)


@guarded
class Array_Knob(Knob):
    CHANNELS: ClassVar[tuple[str, ...]] = ("",)
    INTEGER = False
    __slots__ = ("_channels", "_default", "_expressions")

    def __init__(self, name: str, label: str | None = None, value: float = 0.0) -> None:
        super().__init__(name, label)
        self._default = [float(value)] * len(self.CHANNELS)
        self._channels: list[float | dict[float, float]] = list(self._default)
        self._expressions: dict[int, str] = {}

    # -- values

    def value(self, index: int = 0) -> Any:
        return self._out(self._at(index, host.current_frame()))

    def getValue(self, channel: int = -1) -> Any:
        if channel >= 0 or len(self.CHANNELS) == 1:
            return self._out(self._at(max(channel, 0), host.current_frame()))
        return [self._at(i, host.current_frame()) for i in range(len(self.CHANNELS))]

    def getValueAt(self, frame: float, index: int = -1, view: str | None = None) -> Any:
        number(frame, "frame")
        if index >= 0 or len(self.CHANNELS) == 1:
            return self._at(max(index, 0), frame)
        return [self._at(i, frame) for i in range(len(self.CHANNELS))]

    def setValue(self, val: Any, chan: int = -1) -> bool:
        self._touch()
        frame = host.current_frame()
        for i, value in self._spread(val, chan):
            held = self._channels[i]
            if isinstance(held, dict):
                held[frame] = value
            else:
                self._channels[i] = value
        self._changed()
        return True

    def setValueAt(self, val: Any, time: float, index: int = -1, view: str | None = None) -> bool:
        number(time, "time")
        self._touch()
        for i, value in self._spread(val, index):
            held = self._channels[i]
            if isinstance(held, dict):
                held[float(time)] = value
            else:
                # Without an animation there is nothing to set a key in.
                self._channels[i] = value
        self._changed()
        return True

    def _spread(self, val: Any, chan: int) -> list[tuple[int, float]]:
        need(isinstance(chan, int), f"channel {chan!r}")
        if isinstance(val, (tuple, list)):
            need(chan == -1 and len(val) == len(self.CHANNELS), f"{self._name}: {val!r}")
            return [(i, self._in(one)) for i, one in enumerate(val)]
        chosen = range(len(self.CHANNELS)) if chan == -1 else [chan]
        return [(i, self._in(val)) for i in chosen]

    def _in(self, value: Any) -> float:
        return number(value, self._name)

    def _out(self, value: float) -> Any:
        return int(value) if self.INTEGER else value

    def _at(self, index: int, frame: float) -> float:
        held = self._channels[index]
        if not isinstance(held, dict):
            return held
        if not held:
            return self._default[index]
        keys = sorted(held)
        if frame <= keys[0] or frame >= keys[-1]:
            return held[keys[0] if frame <= keys[0] else keys[-1]]
        after = next(i for i, key in enumerate(keys) if key > frame)
        a, b = keys[after - 1], keys[after]
        return held[a] + (held[b] - held[a]) * (frame - a) / (b - a)

    # -- animation

    def setAnimated(self, channel: int = -1) -> bool:
        self._touch()
        for i in self._which(channel):
            if not isinstance(self._channels[i], dict):
                self._channels[i] = {}
        return True

    def clearAnimated(self, channel: int = -1) -> bool:
        self._touch()
        for i in self._which(channel):
            self._channels[i] = self._at(i, host.current_frame())
        return True

    def isAnimated(self, channel: int = -1) -> bool:
        return any(isinstance(self._channels[i], dict) for i in self._which(channel))

    def getKeyList(self) -> list[float]:
        found: set[float] = set()
        for held in self._channels:
            found |= set(held) if isinstance(held, dict) else set()
        return sorted(found)

    def isKeyAt(self, frame: float, index: int = -1, view: str | None = None) -> bool:
        number(frame, "frame")
        chosen = (self._channels[i] for i in self._which(index))
        return any(isinstance(held, dict) and frame in held for held in chosen)

    def removeKeyAt(self, frame: float, index: int = -1, view: str | None = None) -> bool:
        number(frame, "frame")
        self._touch()
        found = False
        for i in self._which(index):
            held = self._channels[i]
            if isinstance(held, dict) and frame in held:
                del held[frame]
                found = True
        return found

    def hasExpression(self, index: int = -1) -> bool:
        return any(i in self._expressions for i in self._which(index))

    def setExpression(self, expression: str, channel: int = -1, view: str | None = None) -> bool:
        need(isinstance(expression, str), f"{expression!r}")
        self._touch()
        for i in self._which(channel):
            self._expressions[i] = expression
        return True

    def _which(self, index: int) -> range:
        need(isinstance(index, int), f"channel {index!r}")
        return range(len(self.CHANNELS)) if index == -1 else range(index, index + 1)

    # -- text

    def _text(self) -> str | None:
        if self._channels == self._default and not self._expressions:
            return None
        words = [self._channel_text(held) for held in self._channels]
        return words[0] if len(words) == 1 else "{" + " ".join(words) + "}"

    def _channel_text(self, held: float | dict[float, float]) -> str:
        if not isinstance(held, dict):
            return self._word(held)
        keys = " ".join(f"x{key:g} {self._word(value)}" for key, value in sorted(held.items()))
        return "{curve " + keys + "}" if keys else "{curve}"

    def _word(self, value: float) -> str:
        return repr(int(value)) if value == int(value) else repr(value)

    def _load(self, text: str) -> None:
        words = helpers_nk.parse_list(text)
        if len(self.CHANNELS) > 1 and len(words) == 1 and isinstance(words[0], list):
            words = words[0]
        if words and words[0] == "curve":
            words = [words]
        words = words * len(self.CHANNELS) if len(words) == 1 else words
        need(len(words) == len(self.CHANNELS), f"{self._name}: {text!r}")
        self._channels = [self._loaded(word) for word in words]

    def _loaded(self, word: Any) -> float | dict[float, float]:
        if isinstance(word, list) and len(word) == 1 and isinstance(word[0], list):
            word = word[0]
        if isinstance(word, str):
            return {"true": 1.0, "false": 0.0}.get(word) or float(
                0 if word in ("true", "false") else word
            )
        if word[0] != "curve":
            raise RuntimeError(f"{self._name}: {word}")
        keys: dict[float, float] = {}
        for time, value in zip(word[1::2], word[2::2], strict=True):
            keys[float(time[1:])] = float(value)
        return keys


class Double_Knob(Array_Knob):
    USER = 7
    __slots__ = ()


class Int_Knob(Array_Knob):
    USER = 3
    INTEGER = True
    __slots__ = ()

    def _in(self, value: Any) -> float:
        need(isinstance(value, int) and not isinstance(value, bool), f"{self._name}: {value!r}")
        return float(value)


class Boolean_Knob(Array_Knob):
    USER = 6
    __slots__ = ()

    def __init__(self, name: str, label: str | None = None, value: bool = False) -> None:
        super().__init__(name, label, float(value))

    def _in(self, value: Any) -> float:
        need(isinstance(value, (bool, int)), f"{self._name}: {value!r}")
        return float(bool(value))

    def _out(self, value: float) -> Any:
        return bool(value)

    def _word(self, value: float) -> str:
        return "true" if value else "false"


class Disable_Knob(Boolean_Knob):
    USER = None
    __slots__ = ()


class XY_Knob(Array_Knob):
    USER = 12
    CHANNELS = ("x", "y")
    __slots__ = ()


class BBox_Knob(Array_Knob):
    USER = 15
    CHANNELS = ("x", "y", "r", "t")
    __slots__ = ()


class Color_Knob(Array_Knob):
    USER = 18
    CHANNELS = ("r", "g", "b")
    __slots__ = ()


class Unsigned_Knob(Array_Knob):
    __slots__ = ()
    INTEGER = True


@guarded
class Enumeration_Knob(Unsigned_Knob):
    USER = 4
    __slots__ = ("_items",)

    def __init__(self, name: str, label: str | None, items: list[str]) -> None:
        super().__init__(name, label)
        self._items = self._checked(items)

    def _checked(self, items: Any) -> list[str]:
        need(isinstance(items, (list, tuple)), f"{self._name}: {items!r}")
        need(all(isinstance(item, str) for item in items), f"{self._name}: {items!r}")
        return list(items)

    def values(self) -> list[str]:
        return list(self._items)

    def setValues(self, items: list[str]) -> None:
        self._touch()
        chosen = self.value()
        self._items = self._checked(items)
        self._channels = [float(self._items.index(chosen)) if chosen in self._items else 0.0]

    def numValues(self) -> int:
        return len(self._items)

    def value(self, index: int = 0) -> Any:
        position = int(self._at(0, host.current_frame()))
        return self._items[position] if 0 <= position < len(self._items) else "0"

    def getValue(self, channel: int = -1) -> Any:
        return self._at(0, host.current_frame())

    def setValue(self, val: Any, chan: int = -1) -> bool:
        if isinstance(val, str):
            # Nuke says nothing about a name that is not in the list, and leaves the knob alone.
            if val not in self._items:
                return False
            val = self._items.index(val)
        return super().setValue(int(number(val, self._name)))

    def _text(self) -> str | None:
        if self._channels == self._default:
            return None
        return quoted(self.value())

    def _load(self, text: str) -> None:
        if text in self._items:
            self._channels = [float(self._items.index(text))]
        elif text.lstrip("-").isdigit():
            self._channels = [float(text)]
        else:
            raise RuntimeError(f"{self._name} has no value {text!r}")


class Pulldown_Knob(Enumeration_Knob):
    __slots__ = ()


@guarded
class Channel_Knob(Knob):
    __slots__ = ("_value",)

    def __init__(self, name: str, label: str | None = None, value: str = "rgba") -> None:
        super().__init__(name, label)
        self._value = value

    def value(self) -> str:
        return self._value

    def setValue(self, name: str) -> None:
        need(isinstance(name, str), f"{name!r}")
        self._touch()
        self._value = name

    def _text(self) -> str | None:
        return quoted(self._value)

    def _load(self, text: str) -> None:
        self._value = text


@guarded
class Format:
    __slots__ = ("_aspect", "_h", "_name", "_w")

    def __init__(self, width: int, height: int, pixel_aspect: float = 1.0, name: str = "") -> None:
        self._w, self._h, self._aspect, self._name = width, height, pixel_aspect, name

    def width(self) -> int:
        return self._w

    def height(self) -> int:
        return self._h

    def pixelAspect(self) -> float:
        return self._aspect

    def name(self) -> str:
        return self._name

    def x(self) -> int:
        return 0

    def y(self) -> int:
        return 0

    def r(self) -> int:
        return self._w

    def t(self) -> int:
        return self._h


@guarded
class Format_Knob(Knob):
    __slots__ = ("_value",)

    def __init__(self, name: str, label: str | None = None) -> None:
        super().__init__(name, label)
        self._value = Format(1920, 1080)

    def value(self) -> Format:
        return self._value

    actualValue = value

    def setValue(self, value: Format) -> bool:
        need(isinstance(value, Format), f"{value!r}")
        self._touch()
        self._value = value
        return True

    def _text(self) -> str | None:
        w, h, aspect = self._value._w, self._value._h, self._value._aspect
        return quoted(f"{w} {h} 0 0 {w} {h} {aspect:g} {self._value._name}".strip())

    def _load(self, text: str) -> None:
        words = text.split()
        self._value = Format(int(words[0]), int(words[1]), float(words[6]), "".join(words[7:]))


def _substituted(text: str) -> str:
    """The few Tcl expressions tests use."""
    return text.replace("[getenv SHOW]", "show").replace("\\[", "[")
