"""How far long work is, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, url_for

from billing.claims.filing.stacking import ORDER
from billing.errors import Refused
from billing.operations.errands.asking import ErrandSeen, ask, errand_seen, kinds_for, recent_errands
from billing.operations.errands.kinds import ErrandKind
from billing.operations.models import ErrandState
from billing.reports.errand_names import patients_named, sessions_named
from billing.web.asked import asked_number
from billing.web.endpoint import SIGNED_IN, Call, endpoint
from billing.web.rendering import page

pages = Blueprint("errands", __name__)
AT_ONCE = 50


@endpoint(pages, "/errands", may=SIGNED_IN, audit=None)
def errands(call: Call) -> Response:
    """What was asked for lately, as far as the person may see it."""
    before = asked_number("before")
    found = recent_errands(call.db, kinds_for(call.person.role), AT_ONCE + 1, before)
    shown = found[:AT_ONCE]
    older = url_for("errands.errands", before=shown[-1].errand.id) if len(found) > AT_ONCE else ""
    newer = url_for("errands.errands") if before else ""
    return page(call, "errands/errands.html", rows=shown, older=older, newer=newer)


@endpoint(pages, "/errands/<int:id>", may=SIGNED_IN, audit=None, subject="errand")
def errand(call: Call, id: int) -> Response:
    """One errand; while it goes on the browser asks for its part of the page again and again.

    Its result names nobody: whom it is about is looked up for those who are shown it, and then it is audited.
    """
    seen = errand_seen(call.db, id, call.person.role)
    if seen.kind is ErrandKind.IMPORT and seen.errand.state is ErrandState.DONE:
        return _elsewhere(call, url_for("importing.report", id=id))
    result = seen.errand.result or {}
    papers = [*result.get("statements", ()), *_superbills(seen)]
    patients = patients_named(call.db, [one["patient"] for one in papers])
    sessions = sessions_named(call.db, [one["session"] for one in _sessions_in(result)])
    if patients or sessions:
        call.audit = "errand viewed"
    return page(
        call,
        "errands/_errand.html" if call.is_partial else "errands/errand.html",
        seen=seen,
        errand=seen.errand,
        result=result,
        patients=patients,
        sessions=sessions,
        order=ORDER,
        may_be_repeated=_may_be_repeated(seen),
    )


def _sessions_in(result: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Those a billing run did not bill, and those a code set has judged otherwise."""
    return [*result.get("unbilled", ()), *result.get("otherwise", ())]


def _superbills(seen: ErrandSeen) -> list[Mapping[str, Any]]:
    """Those a superbill run tells of; a billing run's name no patient."""
    return list((seen.errand.result or {}).get("superbills", ())) if seen.kind is ErrandKind.SUPERBILLS else []


def _elsewhere(call: Call, address: str) -> Response:
    """Lead on to another page, the whole browser even where it asked for a part of this one."""
    if not call.is_partial:
        return make_response(redirect(address, 303))
    response = make_response("")
    response.headers["HX-Redirect"] = address
    return response


def _may_be_repeated(seen: ErrandSeen) -> bool:
    return seen.errand.state is ErrandState.FAILED or (
        seen.kind in (ErrandKind.REMIT, ErrandKind.ANSWERS, ErrandKind.FETCH)
        and seen.errand.state is ErrandState.DONE
        and bool((seen.errand.result or {}).get("files"))
    )


@endpoint(
    pages, "/errands/<int:id>/again", method="POST", may=SIGNED_IN, audit="errand asked for again", subject="errand"
)
def again(call: Call, id: int) -> Response:
    """Ask for the same once more; whatever was done before is found done."""
    seen = errand_seen(call.db, id, call.person.role)
    if not _may_be_repeated(seen):
        raise Refused("This has not ended in a way that could be repeated.")
    kind, facts = seen.kind, seen.errand.facts
    files = (seen.errand.result or {}).get("files")
    if kind is ErrandKind.FETCH and files:
        kind, facts = ErrandKind.REMIT, {"files": files}
    asked = ask(call.db, kind, facts, call.person.user_id, call.at)
    call.ring()
    flash("It was asked for again.")
    return make_response(redirect(url_for("errands.errand", id=asked.id), 303))
