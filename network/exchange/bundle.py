"""Several text tables in one ZIP archive or one folder, read in memory and never unpacked to disk.

Only members of the expected names are read, so no name in an archive can
point anywhere.  What an archive claims about its sizes is not believed:
reading stops at the limit.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from network.errors import InputErrors, Problem

__all__ = ["LIMITS", "Limits", "pack", "unpack"]

MIB = 1 << 20
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest date that ZIP knows: the same tables give the same bytes
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


@dataclass(frozen=True)
class Limits:
    """What is read at most; a table of 128 MiB has some three million rows and takes 3 GB of memory."""

    file_bytes: int = 128 * MIB
    all_bytes: int = 256 * MIB
    members: int = 1000


LIMITS = Limits()


def pack(tables: Mapping[str, str]) -> bytes:
    """Return a ZIP archive of these texts, file name to text; the same texts give the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in tables.items():
            info = zipfile.ZipInfo(name, _EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            archive.writestr(info, text.encode("utf-8"))
    return buffer.getvalue()


def unpack(path: Path, wanted: Collection[str], limits: Limits = LIMITS) -> dict[str, str]:
    """Return the texts of the wanted files of a ZIP archive or folder; those that it lacks are left out.

    Parameters
    ----------
    path
        The archive or folder.
    wanted
        Names of files at its top level.
    limits
        What is read at most.

    Raises
    ------
    InputErrors
        If it is neither, is broken, encrypted or too large, hides the files in a folder, or holds
        other text than UTF-8.
    OSError
        If it cannot be read.
    """
    problems: list[Problem] = []
    if path.is_dir():
        raw = _from_folder(path, wanted, limits, problems)
    else:
        raw = _from_archive(path, wanted, limits, problems)
    texts = {}
    for name, data in raw.items():
        try:
            texts[name] = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            problems.append(Problem(f"{path}/{name}", "", "", f"byte {error.start}", "text in UTF-8"))
    if problems:
        raise InputErrors(problems)
    return texts


def _from_folder(
    path: Path, wanted: Collection[str], limits: Limits, problems: list[Problem]
) -> dict[str, bytes]:
    files, total = {}, 0
    for name in wanted:
        file = path / name
        if not file.is_file():
            continue
        size = file.stat().st_size
        total += size
        if _small_enough(f"{path}/{name}", size, total, limits, problems):
            files[name] = file.read_bytes()
    return files


def _from_archive(
    path: Path, wanted: Collection[str], limits: Limits, problems: list[Problem]
) -> dict[str, bytes]:
    with path.open("rb") as file:
        try:
            archive = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
            problems.append(Problem(str(path), "", "", str(error), "a ZIP archive or a folder"))
            return {}
        with archive:
            return _members(archive, path, wanted, limits, problems)


def _members(
    archive: zipfile.ZipFile, path: Path, wanted: Collection[str], limits: Limits, problems: list[Problem]
) -> dict[str, bytes]:
    members = archive.infolist()
    if len(members) > limits.members:
        problems.append(Problem(str(path), "", "members", len(members), f"up to {limits.members:,}"))
        return {}
    files: dict[str, bytes] = {}
    total = 0
    names = {member.filename for member in members}
    for member in members:
        name = member.filename
        where = f"{path}/{name}"
        if name not in wanted:
            base = name.replace("\\", "/").rsplit("/", 1)[-1]
            if base in wanted and base != name and base not in names:
                problems.append(
                    Problem(where, "", "", "in a folder", "files at the top of the archive", base)
                )
            continue
        if name in files:
            problems.append(Problem(where, "", "", "twice in the archive", "each file once"))
        elif member.flag_bits & 0x1:
            problems.append(Problem(where, "", "", "encrypted", "files without a password"))
        elif member.compress_type not in _METHODS:
            problems.append(Problem(where, "", "compression", member.compress_type, "stored or deflated"))
        elif _small_enough(where, member.file_size, total + member.file_size, limits, problems):
            data = _read(archive, member, where, min(limits.file_bytes, limits.all_bytes - total), problems)
            if data is not None:
                files[name] = data
                total += len(data)
    return files


def _read(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, where: str, most: int, problems: list[Problem]
) -> bytes | None:
    """Read a member, but never more than `most` bytes, whatever size it claims to have."""
    try:
        with archive.open(member) as stream:
            data = stream.read(most + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as error:
        problems.append(Problem(where, "", "", str(error) or type(error).__name__, "an undamaged file"))
        return None
    if len(data) > most:
        problems.append(Problem(where, "", "", "larger than it claims", f"up to {most // MIB:,} MiB"))
        return None
    return data


def _small_enough(where: str, size: int, total: int, limits: Limits, problems: list[Problem]) -> bool:
    if size > limits.file_bytes:
        allowed = f"up to {limits.file_bytes // MIB:,} MiB a file"
    elif total > limits.all_bytes:
        allowed = f"up to {limits.all_bytes // MIB:,} MiB in all"
    else:
        return True
    problems.append(Problem(where, "", "size", f"{size / MIB:,.1f} MiB", allowed))
    return False
