#!/usr/bin/env python3
"""Fetch the browser's fonts and scripts once, so that the desk needs nothing from elsewhere to run.

Usage: ``python3 .ci/vendor_assets.py``, with npm at hand. It replaces ``billing/web/static/vendor``
and writes a manifest of what came: package, version, npm's integrity, and the SHA-256 of each file.
To take a newer version, change it below, run this, look at the difference, and run the tests.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

VENDOR = Path(__file__).resolve().parents[1] / "billing" / "web" / "static" / "vendor"
MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class Asset:
    """A package and the files wanted of it, by their paths in the package."""

    package: str
    version: str
    files: tuple[str, ...]

    @property
    def folder(self) -> str:
        """The folder's name below ``vendor``, without the scope."""
        return self.package.rpartition("/")[2]


ASSETS = (
    Asset("htmx.org", "2.0.11", ("dist/htmx.min.js", "LICENSE")),
    Asset(
        "@fontsource-variable/inter",
        "5.3.0",
        ("files/inter-latin-wght-normal.woff2", "files/inter-latin-ext-wght-normal.woff2", "LICENSE"),
    ),
)


def main() -> None:
    """Fetch everything anew and write the manifest."""
    shutil.rmtree(VENDOR, ignore_errors=True)
    entries = [fetched(asset) for asset in ASSETS]
    (VENDOR / MANIFEST).write_text(json.dumps(entries, indent=2) + "\n")


def fetched(asset: Asset) -> dict[str, object]:
    """Put one package's files in place; its entry in the manifest."""
    with tempfile.TemporaryDirectory() as place:
        packed = subprocess.run(
            ["npm", "pack", "--json", "--ignore-scripts", f"{asset.package}@{asset.version}"],
            cwd=place, check=True, capture_output=True, text=True,
        )  # fmt: skip
        (told,) = json.loads(packed.stdout)
        with tarfile.open(Path(place) / told["filename"]) as package:
            contents = {path: content_of(package, path) for path in asset.files}
    folder = VENDOR / asset.folder
    folder.mkdir(parents=True)
    for path, content in contents.items():
        (folder / Path(path).name).write_bytes(content)
    return {
        "package": asset.package,
        "version": asset.version,
        "integrity": told["integrity"],
        "files": {
            f"{asset.folder}/{Path(path).name}": hashlib.sha256(content).hexdigest()
            for path, content in contents.items()
        },
    }


def content_of(package: tarfile.TarFile, path: str) -> bytes:
    """One file of a package as npm packs it, below ``package/``."""
    member = package.extractfile(f"package/{path}")
    if member is None:
        raise SystemExit(f"{path} is not a file of the package")
    return member.read()


if __name__ == "__main__":
    main()
