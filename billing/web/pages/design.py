"""Every part that screens are made of, on one page, for developers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from flask import Blueprint, Response, current_app

from billing.access.permissions import Permission
from billing.errors import Problem, Severity, block, warn
from billing.web.endpoint import Call, endpoint
from billing.web.rendering import page

pages = Blueprint("design", __name__)

_TOKENS = Path(__file__).resolve().parents[1] / "static" / "tokens.css"
_DARK = "@media (prefers-color-scheme: dark)"
_COLOUR = re.compile(r"--([\w-]+): (#[0-9a-f]{6});")
_IMPORT = re.compile(r"^\{% from .*\n", re.MULTILINE)

_TITLES = {
    "type": "Type",
    "buttons": "Buttons",
    "fields": "Fields",
    "errors": "Fields with errors",
    "chips": "Chips",
    "problems": "Problems",
    "notices": "Messages",
    "tabs": "Tabs",
    "table": "Tables",
    "cards": "Cards",
    "facts": "Facts and sums",
    "figures": "Figures and bars",
    "progress": "Progress",
    "time_line": "Time line",
    "empty": "Nothing here",
    "keys": "Keys",
}

PROBLEMS = (
    block(
        "licence.lapsed",
        "Ben Strand's licence ended on 28 Feb 2026.",
        "Enter the renewed licence; everything held is then released.",
        "practitioner:3",
    ),
    warn("coverage.unverified", "Coverage was last checked 40 days ago.", "Check it before the patient comes."),
    Problem("timely_filing.near", Severity.INFO, "12 days are left to file.", "", "claim:9"),
)


@dataclass(frozen=True, slots=True)
class Example:
    """A part with the template that makes it."""

    name: str
    title: str
    template: str
    source: str
    """The template's text, without its imports."""


@endpoint(pages, "/design", may=Permission.EDIT_CLINIC, audit=None)
def design(call: Call) -> Response:
    """The colours, the icons, and an example of every part."""
    return page(
        call, "design/design.html", examples=examples(), colours=list(colours()["light"]), problems=list(PROBLEMS)
    )


def examples() -> list[Example]:
    """What is shown, in order; the source shown is the one that runs."""
    paths = {name: f"design/examples/{name}.html" for name in _TITLES}
    return [Example(name, title, paths[name], _source(paths[name])) for name, title in _TITLES.items()]


def colours() -> dict[str, dict[str, str]]:
    """The colour tokens of the ``light`` and of the ``dark`` set: names, and colours as ``#rrggbb``."""
    light, _, dark = _TOKENS.read_text().partition(_DARK)
    return {"light": dict(_COLOUR.findall(light)), "dark": dict(_COLOUR.findall(dark))}


def _source(template: str) -> str:
    loader = current_app.jinja_env.loader
    if loader is None:
        return ""
    return _IMPORT.sub("", loader.get_source(current_app.jinja_env, template)[0]).strip()
