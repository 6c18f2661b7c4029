"""Write plain data as TOML; the standard library only reads it."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping
from typing import Any

__all__ = ["dump_toml"]

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def dump_toml(data: Mapping[str, Any]) -> str:
    """Return TOML text for a mapping of values, tables and lists of tables.

    ``None`` values are left out, since TOML has none.  Keys keep their order,
    values before tables.

    Examples
    --------
    >>> print(dump_toml({"year": 2021, "run": {"seed": 1}, "change": [{"op": "hand_over"}]}), end="")
    year = 2021
    <BLANKLINE>
    [run]
    seed = 1
    <BLANKLINE>
    [[change]]
    op = "hand_over"
    """
    plain = {k: v for k, v in data.items() if v is not None and not isinstance(v, Mapping) and not _rows(v)}
    blocks = ["".join(f"{_key(k)} = {_value(v)}\n" for k, v in plain.items())]
    for key, value in data.items():
        if isinstance(value, Mapping):
            blocks.append(f"[{_key(key)}]\n" + _lines(value))
        elif _rows(value):
            blocks += [f"[[{_key(key)}]]\n" + _lines(row) for row in value]
    return "\n".join(block for block in blocks if block)


def _lines(table: Mapping[str, Any]) -> str:
    return "".join(f"{_key(k)} = {_value(v)}\n" for k, v in table.items() if v is not None)


def _rows(value: Any) -> bool:
    return isinstance(value, list | tuple) and bool(value) and all(isinstance(v, Mapping) for v in value)


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else _text(key)


def _text(text: str) -> str:
    # JSON lets the delete character stand as it is, TOML does not
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_value(v) for v in value) + "]"
    if isinstance(value, Mapping):
        inner = ", ".join(f"{_key(k)} = {_value(v)}" for k, v in value.items() if v is not None)
        return "{ " + inner + " }" if inner else "{}"
    raise TypeError(f"TOML has no form for {type(value).__name__}")
