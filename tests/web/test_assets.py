"""What browsers load: vendored as the manifest says, from no other host, and little of it."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.web.desk import Desk
from tests.web.first_load import first_load

STATIC = Path(__file__).resolve().parents[2] / "billing" / "web" / "static"
TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
VENDOR = STATIC / "vendor"
BYTES_OF_A_FIRST_LOAD = 250_000

_ADDRESS = re.compile(r"(?:https?:)?//[\w-]+(?:\.[\w-]+)+")
_COMMENT = re.compile(r"/\*.*?\*/|\{#.*?#\}|<!--.*?-->", re.DOTALL)
_NAMESPACE = "http://www.w3.org"


def manifest() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((VENDOR / "manifest.json").read_text())
    return found


def ours(folder: Path, *kinds: str) -> list[Path]:
    """Files of the house, not vendored."""
    return [path for kind in kinds for path in folder.rglob(f"*.{kind}") if VENDOR not in path.parents]


def test_what_is_vendored_is_what_the_manifest_names() -> None:
    named = {name: digest for entry in manifest() for name, digest in entry["files"].items()}

    there = {
        path.relative_to(VENDOR).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.rglob("*")
        if path.is_file() and path.name != "manifest.json"
    }

    assert there == named
    assert {entry["package"] for entry in manifest()} >= {"htmx.org", "@fontsource-variable/inter"}


def test_every_vendored_package_brings_its_version_its_integrity_and_its_licence() -> None:
    for entry in manifest():
        assert entry["version"].count(".") == 2
        assert entry["integrity"].startswith("sha512-")
        assert any(name.endswith("/LICENSE") for name in entry["files"])


@pytest.mark.parametrize(
    "path",
    [*ours(TEMPLATES, "html"), *ours(STATIC, "css", "js", "svg"), VENDOR / "manifest.json"],
    ids=lambda path: path.name,
)
def test_nothing_is_fetched_from_another_host(path: Path) -> None:
    text = _COMMENT.sub("", path.read_text())

    assert [found for found in _ADDRESS.findall(text) if found != _NAMESPACE] == []


@pytest.mark.parametrize("path", ours(STATIC, "css"), ids=lambda path: path.name)
def test_a_file_named_by_a_stylesheet_carries_its_own_hash(path: Path) -> None:
    for name, version in re.findall(r'url\("([^"?]+)(?:\?v=(\w+))?"\)', path.read_text()):
        assert version == hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12], name


def test_colours_stand_in_the_tokens_alone() -> None:
    sheets = [path for path in ours(STATIC, "css") if path.name not in ("tokens.css", "print.css")]

    with_colours = [path.name for path in sheets if re.search(r"#[0-9a-f]{3,8}\b(?!-)|rgba?\(|hsl", path.read_text())]

    assert len(sheets) >= 4
    assert with_colours == []


def test_a_first_page_weighs_less_than_250_kb(desk: Desk) -> None:
    parts = first_load(desk.browser(desk.cast.ada).client)

    assert any("woff2" in path for path in parts) and any("htmx" in path for path in parts)
    assert sum(parts.values()) < BYTES_OF_A_FIRST_LOAD
