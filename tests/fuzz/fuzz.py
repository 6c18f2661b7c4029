"""Give each reader of the project many wrong inputs, and count what it does with them.

Run it as ``python tests/fuzz/fuzz.py [READER…] [--inputs 20000] [--seed 1]``; it prints a table and every
traceback.  A test module ``test_fuzz_*.py`` names its readers in ``READERS``.  An input is right (accepted),
refused by an error that the project raises on purpose, or a fault: any other exception, a warning, or more
time than allowed.  The same seed and number give the same input: ``--only NUMBER`` tries that one alone.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import io
import os
import random
import re
import shutil
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[2])]

from mutate import mutate_files  # noqa: E402

from network.errors import YizhanError  # noqa: E402

#: Inputs of all readers together, unless the environment says otherwise.
INPUTS = int(os.environ.get("YIZHAN_FUZZ_INPUTS", "2000"))
#: Seconds of one input.
LONGEST_S = 30.0
#: Characters of one problem.
LONGEST_MESSAGE = 2000
#: Memory of the process, MiB.
MOST_MIB = 2048


@dataclass(frozen=True)
class Reader:
    """What is tried.

    Parameters
    ----------
    name
        In the table.
    originals
        Returns right inputs: files by name.
    read
        Reads a folder that holds the files of one of them.
    weight
        Its part of all inputs, relative to other readers.
    mutate
        Makes a wrong input of a right one.
    """

    name: str
    originals: Callable[[], Sequence[Mapping[str, bytes]]]
    read: Callable[[Path], object]
    weight: float = 1.0
    mutate: Callable[[random.Random, Mapping[str, bytes]], Mapping[str, bytes]] = mutate_files


@dataclass
class Outcome:
    """What a reader did with its inputs."""

    reader: str
    inputs: int = 0
    accepted: int = 0
    refused: int = 0
    slowest_s: float = 0.0
    slowest_number: int = -1
    peak_mib: float = 0.0
    faults: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        counts = f"{self.inputs:7,} {self.accepted:9,} {self.refused:9,} {len(self.faults):10,}"
        return f"{self.reader:24} {counts} {self.slowest_s:10.2f} {self.peak_mib:9.0f}"


HEADER = "reader                    inputs  accepted   refused tracebacks  slowest s  peak MiB"


def fuzz(reader: Reader, inputs: int, seed: int = 1, first: int = 0) -> Outcome:
    """Try a reader on mutated inputs, each in this process and with a limit of time."""
    outcome = Outcome(reader.name)
    originals = reader.originals()
    _reset_peak()
    for number in range(first, first + inputs):
        rng = random.Random(f"{reader.name} {seed} {number}")
        files = reader.mutate(rng, rng.choice(originals))
        with tempfile.TemporaryDirectory(prefix="yizhan-fuzz-") as place:
            folder = Path(place, "input")
            folder.mkdir()
            for name, content in files.items():
                path = folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
            _try(reader, folder, number, outcome)
    outcome.peak_mib = _peak_mib()
    return outcome


def _try(reader: Reader, folder: Path, number: int, outcome: Outcome) -> None:
    start = time.perf_counter()
    outcome.inputs += 1
    try:
        with _limited(LONGEST_S), warnings.catch_warnings(), _silent():
            warnings.simplefilter("error")
            reader.read(folder)
        outcome.accepted += 1
    except YizhanError as error:
        outcome.refused += 1
        if unclear := _unclear(error):
            outcome.faults.append(f"{reader.name} {number}: {unclear}")
    except (Exception, SystemExit):
        outcome.faults.append(f"{reader.name} {number}: {traceback.format_exc(limit=-12)}")
    took = time.perf_counter() - start
    if took > outcome.slowest_s:
        outcome.slowest_s, outcome.slowest_number = took, number


def _unclear(error: YizhanError) -> str:
    """Return what makes an error no list of problems that a person can read, or ``""``."""
    try:
        lines = [str(each) for each in getattr(error, "problems", (error,))]
    except Exception:
        return f"no message\n{traceback.format_exc()}"
    if not all(lines):
        return f"an empty message: {error!r}"
    long = [line for line in lines if "\n" in line or len(line) > LONGEST_MESSAGE]
    return f"a message of several lines, or too long: {long[0][:2000]}" if long else ""


class _OverTimeError(BaseException):
    """Not an `Exception`, so that no reader takes it for one of its own."""


@contextlib.contextmanager
def _limited(seconds: float) -> Iterator[None]:
    def stop(*_: Any) -> None:
        raise _OverTimeError

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    except _OverTimeError:
        raise TimeoutError(f"more than {seconds:g} s") from None
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextlib.contextmanager
def _silent() -> Iterator[None]:
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        yield


def _reset_peak() -> None:
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def _peak_mib() -> float:
    """Return the most memory of this process since the last reset, where the system tells it."""
    with contextlib.suppress(OSError):
        kib = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())
        return int(kib[1]) / 1024 if kib else 0.0
    return 0.0


def readers() -> list[Reader]:
    """Return the readers that the test modules beside this one name."""
    modules = sorted(path.stem for path in Path(__file__).parent.glob("test_fuzz_*.py"))
    return [reader for name in modules for reader in importlib.import_module(name).READERS]


def inputs_of(reader: Reader, total: int = INPUTS) -> int:
    """Return how many of all inputs a reader gets."""
    return max(1, round(total * reader.weight / sum(each.weight for each in readers())))


def check(reader: Reader) -> None:
    """Fail where a reader has a fault, or takes too much time or memory."""
    outcome = fuzz(reader, inputs_of(reader))
    print(HEADER, outcome, sep="\n")
    assert not outcome.faults, f"{len(outcome.faults)} faults, the first:\n{outcome.faults[0]}"
    assert outcome.refused > 0
    assert outcome.slowest_s < LONGEST_S
    assert outcome.peak_mib < MOST_MIB


def main() -> int:
    """Print the table of all readers, and every fault."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("readers", nargs="*", help="names; all unless given")
    parser.add_argument("--inputs", type=int, default=INPUTS, help="of all readers together")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, help="number of the one input to try")
    parser.add_argument("--keep", type=Path, help="with --only: write that input into this folder")
    chosen = parser.parse_args()
    faults: list[str] = []
    print(HEADER, flush=True)
    for reader in readers():
        if chosen.readers and reader.name not in chosen.readers:
            continue
        if chosen.keep and chosen.only is not None:
            rng = random.Random(f"{reader.name} {chosen.seed} {chosen.only}")
            shutil.rmtree(chosen.keep, ignore_errors=True)
            for name, content in reader.mutate(rng, rng.choice(reader.originals())).items():
                (chosen.keep / name).parent.mkdir(parents=True, exist_ok=True)
                (chosen.keep / name).write_bytes(content)
        inputs, first = (1, chosen.only) if chosen.only is not None else (inputs_of(reader, chosen.inputs), 0)
        outcome = fuzz(reader, inputs, chosen.seed, first)
        print(outcome, f"  (slowest: input {outcome.slowest_number})", flush=True)
        faults += outcome.faults
    print("", *faults, sep="\n")
    return min(1, len(faults))


if __name__ == "__main__":
    sys.modules["fuzz"] = sys.modules["__main__"]  # the test modules' classes are this one's
    sys.exit(main())
