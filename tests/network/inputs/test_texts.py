"""Texts of inputs: what is read, and what is refused before it can hold up or break a program."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from network.errors import InputErrors, Problem, nearest
from network.inputs.texts import is_file, is_folder, parse_toml, read_text, unseen


def problem(path: Path, most_bytes: int = 1000) -> str:
    with pytest.raises(InputErrors) as caught:
        read_text(path, most_bytes)
    (one,) = caught.value.problems
    return str(one)


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_bytes(b"\xef\xbb\xbfa = 1")
    assert read_text(tmp_path / "a.toml") == "a = 1"


def test_what_is_no_text_is_refused_with_the_byte(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_bytes('a = 1\nb = "西藏"'.encode("gb18030"))
    assert problem(tmp_path / "a.toml") == "a.toml: 'byte 0xce in line 2'; allowed: text in UTF-8"
    (tmp_path / "b.toml").write_bytes("a = 1".encode("utf-16"))
    assert "byte 0xff in line 1" in problem(tmp_path / "b.toml")


def test_a_file_of_the_size_that_is_allowed_is_read_and_one_byte_more_is_not(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_bytes(b"#" * 1000)
    assert len(read_text(path, 1000)) == 1000
    path.write_bytes(b"#" * 1001)
    assert problem(path) == "a.toml: allowed: at most 1,000 bytes"


def test_only_regular_files_are_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path, Path(os.devnull)):
        assert "allowed: a regular file" in problem(path)
    assert "(No such file or directory)" in problem(tmp_path / "none")
    assert "(File name too long)" in problem(tmp_path / ("x" * 5000))
    assert "without NUL" in problem(Path("a\0b"))


@pytest.mark.parametrize("name", ["a\0b", "x" * 5000, ""])
def test_a_name_that_no_file_can_have_is_no_file(name: str) -> None:
    assert not is_file(Path(name)) and (name == "" or not is_folder(Path(name)))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a = ", "valid TOML"),
        ("a = " + "[" * 2000 + "]" * 2000, "at most 32 tables and lists deep"),
        ("a = " + "[" * 33 + "]" * 33, "at most 32 tables and lists deep"),
        (".".join("a" * 40) + " = 1", "at most 32 tables and lists deep"),
        (".".join("a" * 400_000) + " = 1", "at most 32 tables and lists deep"),
        ("a = " + "9" * 5000, "values that TOML can hold"),
        (
            "a = [{ b = 9223372036854775808 }]",
            "a.b = 9223372036854775808; allowed: whole numbers",
        ),
        ("a = 2021-02-30", "TOML"),
    ],
    ids=["none", "deep", "one-too-deep", "key", "long-key", "digits", "bits", "date"],
)
def test_toml_beyond_bounds_is_one_problem_at_once(text: str, message: str) -> None:
    begin = time.perf_counter()
    with pytest.raises(InputErrors) as caught:
        parse_toml(text, "my.toml")
    assert message in str(caught.value) and len(caught.value.problems) == 1
    assert len(str(caught.value)) < 500
    assert time.perf_counter() - begin < 5


def test_toml_at_the_bounds_is_read() -> None:
    assert parse_toml("a = 9223372036854775807", "my.toml") == {"a": 2**63 - 1}
    assert parse_toml("a = " + "[" * 31 + "1" + "]" * 31, "my.toml")


def test_control_characters_have_names() -> None:
    assert unseen("a\tb") == "U+0009 control character" and unseen("a\tb\r\n", lines=True) == ""
    assert unseen("safe\u202eelif") == "U+202E right-to-left override"
    assert unseen("Lhasa 拉萨 – “quoted” é") == ""


def test_long_values_are_shortened_and_have_no_nearest_name() -> None:
    assert len(str(Problem("a.toml", "", "k" * 10_000, "v" * 10_000, "nothing"))) < 600
    assert "thousands of digits" in str(Problem("a.toml", "", "k", [10**5000], "less"))
    assert nearest("v" * 201, ["v" * 200]) == ""
