"""A folder of CSV files as one zip file, the way it is sent: packed, and unpacked without trusting it.

Nothing of a zip file is believed: not its names, which could lead out of the folder, not its sizes, which could
be lies, and not that it holds files at all. Files are written only under the contract's own names.
"""

from __future__ import annotations

import io
import stat
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from billing.errors import Refused
from billing.operations.importing.reading.contract import FILE, FILES

MOST_ENTRIES = 1_000
"""Files and folders that a zip file may have."""
MOST_BYTES = 512 * 2**20
"""What its files may come to, unpacked."""
_CHUNK = 2**20
_ENCRYPTED = 0x1
_LEFT_BEHIND = ("__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini")
"""What systems put into zip files unasked."""


@dataclass(frozen=True, slots=True)
class Unpacked:
    """What became of a zip file's entries."""

    files: list[str] = field(default_factory=list)
    """The contract's files that were written, in its order."""
    passed_over: list[str] = field(default_factory=list)
    """Names of other files, which no import reads."""


def pack(files: Iterable[tuple[str, bytes]]) -> bytes:
    """Files, by name, as a zip file; the same files give the same bytes whenever they are packed."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(files):
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def unpack(content: bytes, folder: Path, most_bytes: int = MOST_BYTES) -> Unpacked:
    """Write the files of an import that a zip file holds into ``folder``, wherever in the zip file they lie.

    Unpacked they may come to ``most_bytes`` in all.

    Raises :class:`Refused`, in words for whoever sent it, when it is no zip file, is locked with a password or
    damaged, holds none of the files or one of them twice, or is made to do harm.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            wanted, passed_over = _chosen(archive.infolist())
            left = most_bytes
            for name, entry in wanted.items():
                left -= _write(archive, entry, folder / name, left)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError) as error:
        raise Refused(
            f"This zip file cannot be opened ({type(error).__name__}). Make it anew and send it again."
        ) from None
    except RuntimeError:
        raise Refused("This zip file is locked with a password. Make one without a password.") from None
    except OSError as error:
        raise Refused(f"The zip file could not be unpacked here: {error.strerror}. Make room and repeat.") from None
    return Unpacked([file.name for file in FILES if file.name in wanted], passed_over)


def _chosen(entries: list[zipfile.ZipInfo]) -> tuple[dict[str, zipfile.ZipInfo], list[str]]:
    if len(entries) > MOST_ENTRIES:
        raise Refused(f"This zip file holds {len(entries):,} files. An import has at most {len(FILES)}.")
    wanted: dict[str, zipfile.ZipInfo] = {}
    passed_over: list[str] = []
    for entry in entries:
        path = PurePosixPath(entry.filename.replace("\\", "/"))
        if entry.is_dir() or set(path.parts) & set(_LEFT_BEHIND) or path.name.startswith("._"):
            continue
        _check(entry, path)
        name = path.name.lower()
        if name not in FILE:
            passed_over.append(path.name[:100].encode("utf-8", "replace").decode())
        elif name in wanted:
            raise Refused(f"This zip file holds {name} twice, in two folders. Leave one of them out.")
        else:
            wanted[name] = entry
    if not wanted:
        names = ", ".join(file.name for file in FILES)
        raise Refused(f"This zip file holds nothing that can be imported. It may hold these files: {names}.")
    return wanted, passed_over


def _check(entry: zipfile.ZipInfo, path: PurePosixPath) -> None:
    if path.is_absolute() or ".." in path.parts:
        raise Refused("This zip file has an entry that leads out of its folder. Make it anew from the CSV files.")
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise Refused("This zip file holds a link instead of a file. Make it anew from the CSV files.")
    if entry.flag_bits & _ENCRYPTED:
        raise Refused("This zip file is locked with a password. Make one without a password.")


def _write(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, path: Path, left: int) -> int:
    """Unpack one file; its bytes are counted as they come, whatever the zip file says of its size."""
    size = 0
    with archive.open(entry) as source, path.open("wb") as target:
        while chunk := source.read(_CHUNK):
            size += len(chunk)
            if size > left:
                raise Refused("The files in this zip file are too large to be unpacked. Send them without what is old.")
            target.write(chunk)
    return size
