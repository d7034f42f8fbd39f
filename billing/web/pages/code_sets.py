"""Code sets in the settings: what is in force, what changed, and loading the next edition from its publisher's file."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, make_response, redirect, url_for

from billing.access.permissions import Permission
from billing.codes.sets.kinds import FACTS, SetKind
from billing.codes.sets.shelf import shelf
from billing.operations.errands.asking import ask, recent_errands
from billing.operations.errands.kinds import ErrandKind
from billing.reports.code_sets_page import code_set_page, code_sets_page
from billing.web.endpoint import Call, endpoint
from billing.web.forms import Form
from billing.web.rendering import page

pages = Blueprint("code_sets", __name__)
ADDRESS = "/settings/code-sets"
LARGEST = 128 * 2**20
"""Bytes of what is sent at once: the four zip files of a quarter's pair edits, with room."""
MOST_FILES = 8
_RECENT = 6
_MAY = Permission.EDIT_CLINIC
KINDS = [(kind.value, facts.title) for kind, facts in FACTS.items()]


@endpoint(pages, ADDRESS, may=_MAY, audit=None)
def code_sets(call: Call) -> Response:
    """Every kind of set with its edition, and the form to load the next one."""
    return page(
        call, "code_sets/code_sets.html", rows=code_sets_page(call.db, shelf(), call.today), kinds=KINDS,
        facts=FACTS, recent=recent_errands(call.db, [ErrandKind.CODES], _RECENT),
    )  # fmt: skip


def _keep_files(call: Call) -> dict[str, Any]:
    """Keep what was sent; what the errand is to be asked with."""
    form = Form()
    kind = form.choice("kind", "The kind of set", SetKind)
    begins = form.day("from", "The first day", required=False)
    sent = form.files("files", "Files", LARGEST, most=MOST_FILES)
    form.refuse_any()
    if kind is None:
        raise AssertionError("a form without a problem has a kind")
    documents = call.program.documents
    files = [{"name": one.name[:120], "sha256": documents.put(one.content), "size": len(one.content)} for one in sent]
    return {"kind": kind.value, "files": files, **({"from": begins.isoformat()} if begins else {})}


@endpoint(
    pages, ADDRESS, method="POST", may=_MAY, audit="code set sent", subject="clinic", first=_keep_files,
    again=code_sets, largest=LARGEST,
)  # fmt: skip
def load(call: Call, asked_with: dict[str, Any]) -> Response:
    """Have what was sent loaded."""
    call.detail["kind"] = asked_with["kind"]
    asked = ask(call.db, ErrandKind.CODES, asked_with, call.person.user_id, call.at)
    call.ring()
    return make_response(redirect(url_for("errands.errand", id=asked.id), 303))


@endpoint(pages, f"{ADDRESS}/<id>", may=_MAY, audit=None)
def code_set(call: Call, id: str) -> Response:
    """One kind of set: its editions, and what each changed for the codes this clinic uses."""
    return page(call, "code_sets/code_set.html", shown=code_set_page(call.db, shelf(), id, call.today))
