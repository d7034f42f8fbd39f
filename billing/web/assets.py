"""Stylesheets, scripts and fonts: named with the hash of what they hold, kept by browsers for good, sent compressed.

Pages themselves go out uncompressed: they hold what is secret beside what a stranger may have had typed, and
the length of the two compressed together would give one away to who can try the other.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, request
from flask_compress import Compress

A_YEAR = 365 * 24 * 3600
_VERSION = "v"
_COMPRESSED = ["text/css", "text/javascript", "application/javascript", "image/svg+xml", "application/json"]


def register(app: Flask) -> None:
    """Serve the static files that way."""
    hashes = _hashes(Path(app.static_folder or ""))

    def with_version(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static" and (known := hashes.get(values.get("filename", ""))):
            values[_VERSION] = known

    def max_age(_name: str | None) -> int | None:
        return A_YEAR if request.args.get(_VERSION) else None

    app.url_defaults(with_version)
    vars(app)["get_send_file_max_age"] = max_age
    app.config["COMPRESS_MIMETYPES"] = _COMPRESSED
    app.config["COMPRESS_ALGORITHM"] = ["br", "gzip"]
    app.config["COMPRESS_ALGORITHM_STREAMING"] = ["br", "deflate"]
    Compress(app)


@cache
def _hashes(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()[:12]
        for path in folder.rglob("*")
        if path.is_file()
    }
