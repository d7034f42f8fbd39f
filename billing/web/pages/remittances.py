"""Payers' payments and answers to claims: dropped in, taken from the inbox, looked at, read again."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, request, send_file, url_for

from billing.access.permissions import Permission
from billing.operations.errands.asking import ask
from billing.operations.errands.kinds import ErrandKind
from billing.operations.inbox_troubles import inbox_troubles
from billing.reports.cover_in_file import cover_in_file
from billing.reports.decided_claims import ClaimsPage
from billing.reports.received_files import answer_files, answers_in, file_seen
from billing.reports.remittance_page import (
    PaymentSeen,
    claims_in_books,
    claims_in_file,
    claims_told,
    payment_seen,
)
from billing.reports.remittances_page import posted_payments, queued_count, queued_payments
from billing.web.asked import asked_number
from billing.web.endpoint import Call, endpoint
from billing.web.forms import Form
from billing.web.rendering import page

pages = Blueprint("remittances", __name__)
LARGEST_FILE = 50 * 2**20
"""Bytes of one file."""
LARGEST_UPLOAD = 200 * 2**20
"""Bytes of all files sent together."""
MOST_FILES = 100
_MAY = Permission.POST_REMITTANCES

Kept = dict[str, str]
"""A file that is in the document store: its ``sha256`` and ``name``."""


@endpoint(pages, "/remittances", may=_MAY, audit=None)
def remittances(call: Call) -> Response:
    """What waits for a person, then what is posted; or the files that answered claims."""
    if request.args.get("tab") == "answers":
        return _answers(call)
    before, queued_before = asked_number("before"), asked_number("queued_before")
    queued, posted = queued_payments(call.db, queued_before), posted_payments(call.db, before)
    return page(
        call,
        "remittances/remittances.html",
        queued=queued,
        queued_count=queued_count(call.db),
        posted=posted,
        before=before,
        queued_before=queued_before,
        **_inbox(call),
    )


def _answers(call: Call) -> Response:
    before = asked_number("before")
    return page(
        call,
        "remittances/answers.html",
        files=answer_files(call.db, before),
        queued_count=queued_count(call.db),
        before=before,
        **_inbox(call),
    )


def _inbox(call: Call) -> dict[str, Any]:
    """Where the inbox is, and what of it cannot be read."""
    place = call.program.inbox.place
    return {"inbox": place, "troubles": inbox_troubles(call.db, place)}


def _keep_files(call: Call) -> list[Kept]:
    """Keep what was sent before anything is asked for, whatever it is."""
    form = Form()
    sent = form.files("files", "Files", LARGEST_FILE, MOST_FILES)
    form.refuse_any()
    return [{"sha256": call.program.documents.put(one.content), "name": one.name} for one in sent]


@endpoint(
    pages, "/remittances", method="POST", may=_MAY, audit="payer files sent in", first=_keep_files, again=remittances,
    largest=LARGEST_UPLOAD,
)  # fmt: skip
def take_in(call: Call, kept: list[Kept]) -> Response:
    """Have the files sorted, taken in and answered."""
    call.detail["files"] = len(kept)
    return _ask_for(call, kept)


def _ask_for(call: Call, files: list[Kept]) -> Response:
    asked = ask(call.db, ErrandKind.REMIT, {"files": files}, call.person.user_id, call.at)
    call.ring()
    return make_response(redirect(url_for("errands.errand", id=asked.id), 303))


@endpoint(pages, "/remittances/inbox", method="POST", may=_MAY, audit="inbox looked into")
def look_into_inbox(call: Call) -> Response:
    """Take in every new file of the inbox."""
    asked = ask(call.db, ErrandKind.FETCH, {}, call.person.user_id, call.at)
    call.ring()
    return make_response(redirect(url_for("errands.errand", id=asked.id), 303))


@endpoint(pages, "/remittances/<int:id>", may=_MAY, audit="remittance viewed", subject="remittance")
def remittance(call: Call, id: int) -> Response:
    """One payment with its arithmetic and its claims."""
    seen = payment_seen(call.db, id)
    first = asked_number("from") or 1
    return page(call, "remittances/remittance.html", seen=seen, claims=_claims(call, seen, first))


def _claims(call: Call, seen: PaymentSeen, first: int) -> ClaimsPage:
    if not seen.is_queued:
        return claims_in_books(call.db, seen.remittance.id, first)
    if not seen.remittance.ordinal:
        return ClaimsPage([], 0, first)
    told, total = claims_in_file(call.program.documents.get(seen.file.sha256), seen.remittance.ordinal, first)
    return claims_told(call.db, told, total, first)


@endpoint(
    pages, "/remittances/<int:id>/retry", method="POST", may=_MAY, audit="remittance read again", subject="remittance"
)
def retry(call: Call, id: int) -> Response:
    """Read the payment's file again: it is posted when what kept it from that is gone."""
    seen = payment_seen(call.db, id)
    if not seen.is_queued:
        flash("This payment is posted already.", "warn")
        return make_response(redirect(url_for("remittances.remittance", id=id), 303))
    return _ask_for(call, [{"sha256": seen.file.sha256, "name": seen.file.file_name}])


@endpoint(pages, "/remittances/answers/<int:id>", may=_MAY, audit="answers viewed", subject="received_file")
def answers(call: Call, id: int) -> Response:
    """What one file said of claims and of cover."""
    after = asked_number("after") or 0
    seen = file_seen(call.db, id)
    cover = cover_in_file(call.db, id, call.clinic.currency)
    return page(
        call,
        "remittances/answer_file.html",
        file=seen,
        answers=answers_in(call.db, id, after),
        after=after,
        cover=cover,
    )


@endpoint(pages, "/remittances/files/<int:id>", may=_MAY, audit="received file downloaded", subject="received_file")
def file(call: Call, id: int) -> Response:
    """A received file exactly as it came."""
    seen = file_seen(call.db, id)
    content = BytesIO(call.program.documents.get(seen.sha256))
    return send_file(content, mimetype="application/octet-stream", as_attachment=True, download_name=seen.name)
