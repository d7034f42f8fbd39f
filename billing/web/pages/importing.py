"""Bringing a clinic in from a folder of CSV files, sent as one zip file or as they are."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, Response, make_response, redirect, request, url_for

from billing.access.permissions import Permission
from billing.errors import Refused
from billing.operations.errands.asking import ErrandSeen, ask, errand_seen, recent_errands
from billing.operations.errands.kinds import ErrandKind
from billing.operations.importing.packing import pack
from billing.operations.importing.reading.contract import FILE, FILES
from billing.operations.models import ErrandState
from billing.reports.import_report import refusals_as_csv, refusals_in
from billing.web.endpoint import Call, endpoint
from billing.web.forms import Form, UploadedFile
from billing.web.rendering import page

pages = Blueprint("importing", __name__)
LARGEST = 100 * 2**20
"""Bytes of what is sent for one import."""
SHOWN = 500
"""Refused rows on a page; the file for a spreadsheet has them all."""
_RECENT = 8
_MAY = Permission.EDIT_CLINIC
_IMPORT = "import"
_ZIP_BEGINS = (b"PK\x03\x04", b"PK\x05\x06")


@endpoint(pages, "/import", may=_MAY, audit=None)
def import_form(call: Call) -> Response:
    """Where the files are sent, what they may be, and what was imported lately."""
    return page(
        call, "importing/import.html", files=FILES, recent=recent_errands(call.db, [ErrandKind.IMPORT], _RECENT)
    )


def _keep_zip(call: Call) -> str:
    """Keep what was sent, as a zip file; its hash."""
    form = Form()
    sent = form.files("files", "Files", LARGEST, most=len(FILES))
    form.refuse_any()
    zips = [one for one in sent if one.content.startswith(_ZIP_BEGINS) or one.name.lower().endswith(".zip")]
    if zips and len(sent) > 1:
        form.problem("files", "A zip file was sent together with other files.", "Send one zip file, or only CSV files.")
    elif not zips:
        _check_names(form, sent)
    form.refuse_any()
    content = zips[0].content if zips else pack((one.name.lower(), one.content) for one in sent)
    return call.program.documents.put(content)


def _check_names(form: Form, sent: Sequence[UploadedFile]) -> None:
    names = [one.name.lower() for one in sent]
    for one in sent:
        if one.name.lower() not in FILE:
            known = ", ".join(FILE)
            form.problem("files", f"{one.name} is no file of an import.", f"Files are known by their names: {known}.")
    if len(set(names)) < len(names):
        form.problem("files", "The same file was chosen twice.", "Choose each once.")


@endpoint(
    pages, "/import", method="POST", may=_MAY, audit="import asked for", first=_keep_zip, again=import_form,
    largest=LARGEST,
)  # fmt: skip
def begin(call: Call, sha256: str) -> Response:
    """Have what was sent checked, or brought in."""
    return _ask_for(call, sha256, check=request.form.get("do") != _IMPORT)


def _ask_for(call: Call, sha256: str, *, check: bool) -> Response:
    call.detail["check"] = check
    asked = ask(call.db, ErrandKind.IMPORT, {"sha256": sha256, "check": check}, call.person.user_id, call.at)
    call.ring()
    return make_response(redirect(url_for("errands.errand", id=asked.id), 303))


@endpoint(pages, "/import/<int:id>", may=_MAY, audit="import report viewed", subject="errand")
def report(call: Call, id: int) -> Response:
    """What an import did, or would do, and every row it refused with the remedy."""
    seen = _ended(call, id)
    if seen is None:
        return make_response(redirect(url_for("errands.errand", id=id), 303))
    result = seen.errand.result or {}
    refusals = refusals_in(call.program.documents.get(result["report"]), SHOWN)
    return page(call, "importing/report.html", seen=seen, errand=seen.errand, result=result, refusals=refusals)


def _ended(call: Call, errand_id: int) -> ErrandSeen | None:
    """The import, when it has come to its end. Raises :class:`Refused` for another kind of errand."""
    seen = errand_seen(call.db, errand_id, call.person.role)
    if seen.kind is not ErrandKind.IMPORT:
        raise Refused("This is no import.")
    return seen if seen.errand.state is ErrandState.DONE else None


@endpoint(pages, "/import/<int:id>/bring-in", method="POST", may=_MAY, audit="import asked for", subject="errand")
def bring_in(call: Call, id: int) -> Response:
    """Bring in what was only checked so far."""
    seen = _ended(call, id)
    if seen is None:
        raise Refused("The check has not come to its end yet. Wait for it, and look at what it found.")
    return _ask_for(call, seen.errand.facts["sha256"], check=False)


@endpoint(pages, "/import/<int:id>/refused.csv", may=_MAY, audit="import report downloaded", subject="errand")
def refused(call: Call, id: int) -> Response:
    """Every refused row, for a spreadsheet."""
    seen = _ended(call, id)
    if seen is None:
        raise Refused("The import has not come to its end yet. Wait for it.")
    kept = call.program.documents.get((seen.errand.result or {})["report"])
    # The mark tells spreadsheet programs that this is UTF-8.
    response = make_response(refusals_as_csv(kept).encode("utf-8-sig"))
    response.headers["Content-Type"] = "text/csv; charset=utf-8"
    response.headers["Content-Disposition"] = f'attachment; filename="refused-rows-{id}.csv"'
    return response
