"""Make wrong inputs of right ones: bytes, lines, words, cells, keys and members changed at random."""

from __future__ import annotations

import csv
import io
import json
import random
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

__all__ = ["NASTY_VALUES", "mutate_file", "mutate_files"]

#: Values that broke a reader once, here or in a tool like ours.
NASTY_VALUES = (
    "", "0", "-0.0", "-1", "1", "0.5", "1e-300", "1e9", "1e12", "1e308", "10e400", "-1e308", "inf",
    "-inf", "nan", "NaN", "Infinity", "9" * 19, "9" * 400, "9" * 5000, "0x7fffffff", "1_000", "0.1e",
    "２", "½", "true", "false", "null", "None", "[]", "{}", "[[]]", "[" * 2000 + "]" * 2000, "'", '"',
    '""', '"\\u0000"', '"x"', '"' + "x" * 70_000 + '"', "9999-12-31", "0001-01-01", "0000-00-00",
    "2021-02-29", "2021-13-45T99:99:99Z", "25:61:61", "99:00:00", "=cmd|' /C calc'!A0",
    "../../etc/passwd", "/dev/zero", "a\x00b", "$x_{$", "\\u202eabc", "拉萨", "e\u0301", "\u202e",
    "\ufeff", "\ud83d\ude00", "💥", "a;b;;c", ",,,", "\t", " ", "%s", "{0}", "<script>", "-", "+",
)  # fmt: skip
_WORD = re.compile(r"[-+\w.:]+")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[-+]?\d+)?")
_KEY = re.compile(r"(?m)^([\w.-]+)(\s*=\s*)(.*)$")
_TABLE = re.compile(r"(?m)^\[+[^\]\n]+\]+\s*$")
_MOST_BYTES = 4_000_000  # of one input, else its mutations may double it without end


def mutate_files(rng: random.Random, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the files of a folder with one to three mutations, mostly in one file.

    Now and then a file is left out, is empty, or holds what another one should.
    """
    changed = dict(files)
    name = rng.choice(sorted(files))
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        if rng.random() < 0.15:
            name = rng.choice(sorted(files))
        if name not in changed or (len(files) > 1 and rng.random() < 0.03):
            changed.pop(name, None)
        elif rng.random() < 0.03:
            changed[name] = rng.choice((b"", files[rng.choice(sorted(files))]))
        else:
            changed[name] = mutate_file(rng, name, changed[name])
    return changed


def mutate_file(rng: random.Random, name: str, content: bytes) -> bytes:
    """Return the content of a file with one mutation, mostly one that its form knows."""
    if rng.random() < 0.15:
        return rng.choice(_BYTES)(rng, content)[:_MOST_BYTES]
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return rng.choice(_BYTES)(rng, content)[:_MOST_BYTES]
    forms = _FORMS.get(name.rpartition(".")[2], ())
    change = rng.choice(forms if forms and rng.random() < 0.75 else _TEXT)
    try:
        return change(rng, text).encode("utf-8", "surrogatepass")[:_MOST_BYTES]
    except (
        ValueError,
        IndexError,
        RecursionError,
        csv.Error,
    ):  # no longer of the form; nothing there to change
        return rng.choice(_BYTES)(rng, content)[:_MOST_BYTES]


def _span(rng: random.Random, length: int) -> tuple[int, int]:
    start = rng.randrange(length + 1)
    return start, min(length, start + rng.choice((1, 1, 4, 16, 64, 1000)))


def _flip(rng: random.Random, content: bytes) -> bytes:
    changed = bytearray(content)
    for _ in range(rng.choice((1, 1, 8)) if changed else 0):
        changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed)


def _cut(rng: random.Random, content: bytes) -> bytes:
    start, end = _span(rng, len(content))
    return content[:start] + content[end:]


def _repeat(rng: random.Random, content: bytes) -> bytes:
    start, end = _span(rng, len(content))
    return content[:end] + content[start:end] * rng.choice((1, 2, 50)) + content[end:]


def _insert(rng: random.Random, content: bytes) -> bytes:
    at, _ = _span(rng, len(content))
    return (
        content[:at]
        + rng.choice((b"\x00", b"\xff\xfe", b"\xed\xa0\x80", b"\r", b"\n\n", rng.randbytes(9)))
        + content[at:]
    )


def _truncate(rng: random.Random, content: bytes) -> bytes:
    return content[: rng.randrange(len(content) + 1)]


def _encode(rng: random.Random, content: bytes) -> bytes:
    text = content.decode("utf-8", "replace")
    return text.encode(rng.choice(("utf-8-sig", "utf-16", "gb18030", "cp932", "utf-7")), "replace")


def _line(rng: random.Random, text: str) -> str:
    lines = text.splitlines(keepends=True)
    at, other = rng.randrange(len(lines)), rng.randrange(len(lines))
    kind = rng.randrange(4)
    if kind == 0:
        del lines[at]
    elif kind == 1:
        lines.insert(other, lines[at])
    elif kind == 2:
        lines[at], lines[other] = lines[other], lines[at]
    else:
        del lines[at : at + rng.choice((2, 5, 50))]
    return "".join(lines)


def _replace(pattern: re.Pattern[str]) -> Callable[[random.Random, str], str]:
    def change(rng: random.Random, text: str) -> str:
        match = rng.choice(list(pattern.finditer(text)))
        return text[: match.start()] + rng.choice(NASTY_VALUES) + text[match.end() :]

    return change


def _scale(rng: random.Random, text: str) -> str:
    """Change a number as a wrong unit, sign or digit would."""
    match = rng.choice(list(_NUMBER.finditer(text)))
    factor = rng.choice((-1, 0, 0.001, 0.5, 10, 1000, 1e6, 1e30))
    return text[: match.start()] + f"{float(match[0]) * factor:g}" + text[match.end() :]


def _ends(rng: random.Random, text: str) -> str:
    return text.replace("\n", rng.choice(("\r\n", "\r", "\u2028", "\n\n")))


def _cells(rng: random.Random, text: str) -> str:
    rows = list(csv.reader(io.StringIO(text, newline=None)))
    row = rows[0] if rng.random() < 0.15 else rng.choice(rows)
    at, kind = rng.randrange(len(row)), rng.randrange(8)
    other = rng.choice(rows)
    if kind < 3:
        row[at] = rng.choice(NASTY_VALUES)
    elif kind == 3:
        row[at] = other[min(at, len(other) - 1)]
    elif kind == 4:
        row[at] = rng.choice(row)
    elif kind == 5:
        row.insert(at, rng.choice(NASTY_VALUES))
    elif kind == 6:
        for each in rows:
            del each[at : at + 1]
    else:
        rows.insert(rng.randrange(len(rows)), list(other))
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()


def _toml_value(rng: random.Random, text: str) -> str:
    match = rng.choice(list(_KEY.finditer(text)))
    other = rng.choice(list(_KEY.finditer(text)))
    value = rng.choice((*NASTY_VALUES, other[3], f"[{match[3]}]", f'"{match[3]}"', f"{{a = {match[3]}}}"))
    return text[: match.start(3)] + value + text[match.end(3) :]


def _toml_key(rng: random.Random, text: str) -> str:
    match = rng.choice(list(_KEY.finditer(text)))
    other = rng.choice(list(_KEY.finditer(text)))
    key = rng.choice((other[1], match[1] + "s", "x", '""', "a.b.c", match[1].upper(), "数"))
    line = match[0] if rng.random() < 0.5 else key + match[2] + match[3]
    return (
        text[: match.start()] + (f"{match[0]}\n{line}" if rng.random() < 0.3 else line) + text[match.end() :]
    )


def _toml_table(rng: random.Random, text: str) -> str:
    match = rng.choice(list(_TABLE.finditer(text)))
    other = rng.choice(list(_TABLE.finditer(text)))[0]
    name = rng.choice(
        (other, f"[{match[0].strip()}]", match[0].strip("[] \n").join("[]"), "[x]", "[a.b]", "")
    )
    return text[: match.start()] + name + "\n" + text[match.end() :]


def _members(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield each list or object of a document with one of its keys."""
    level = [value]
    while level:
        node = level.pop()
        for key in (
            list(node) if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ()
        ):
            yield node, key
            level.append(node[key])


def _json(rng: random.Random, text: str) -> str:
    document = json.loads(text)
    node, key = rng.choice(list(_members(document)))
    other, of = rng.choice(list(_members(document)))
    kind = rng.randrange(8)
    if kind < 3:
        values = (None, True, 0, -1, 1e12, 10**400, -0.5, 1e308, "", "x", "\ud800", [], {}, [[]], {"a": 1})
        node[key] = rng.choice((*values, *NASTY_VALUES))
    elif kind == 3:
        del node[key]
    elif kind == 4:
        node[key] = json.loads(json.dumps(other[of]))
    elif kind == 5 and isinstance(node, list):
        node.insert(key, json.loads(json.dumps(node[key])))
    elif kind == 6 and isinstance(node, dict):
        node[rng.choice((key + "s", "id", "lon", "key", "x", ""))] = node.pop(key)
    else:
        node[key] = rng.choice((str(node[key]), [node[key]], {"value": node[key]}))
    return json.dumps(document, ensure_ascii=rng.random() < 0.5)


_BYTES = (_flip, _cut, _repeat, _insert, _truncate, _encode)
_TEXT = (_line, _replace(_WORD), _replace(_NUMBER), _scale, _ends)
_FORMS: Mapping[str, tuple[Callable[[random.Random, str], str], ...]] = {
    "csv": (_cells,),
    "txt": (_cells,),
    "toml": (_toml_value, _toml_value, _toml_key, _toml_table, _scale),
    "json": (_json,),
    "geojson": (_json,),
}
