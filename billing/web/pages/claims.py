"""Claims: the queues in which they wait, filing all that is ready, and printing forms."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from flask import Response, make_response, redirect, request, url_for

from billing.access.permissions import Permission
from billing.claims.filing.stacking import MOST, ORDER, known
from billing.claims.worklists import SILENCE, Narrowed, Place, Queue, ids_waiting
from billing.errors import NotFound
from billing.operations.errands.asking import ask, last_facts
from billing.operations.errands.kinds import ErrandKind
from billing.reports.claims_page import claims_page
from billing.web.endpoint import Call, endpoint
from billing.web.forms import Form
from billing.web.pages.claim import CHIPS, ask_for_billing
from billing.web.pages.claim_papers import pages
from billing.web.rendering import page

__all__ = ["pages"]

WORDS = {
    Queue.UNBILLED: "Unbilled",
    Queue.HELD: "Held",
    Queue.READY: "Ready",
    Queue.SENT: "Sent",
    Queue.SILENT: "Silent",
    Queue.REJECTED: "Rejected",
    Queue.DENIED: "Denied",
    Queue.PAID: "Paid",
    Queue.UNKNOWN: "Unknown",
    Queue.CLOSED: "Closed",
}
MEANINGS = {
    Queue.UNBILLED: "Signed sessions that nothing bills yet: no claim, no superbill, no invoice.",
    Queue.HELD: "Something stops these claims. Mend it where the link leads; the next run lets them go by itself.",
    Queue.READY: "Nothing stops these claims. They go out with the next run.",
    Queue.SENT: "Handed over, or taken in for a decision.",
    Queue.SILENT: f"Sent, and nothing heard of them for {SILENCE.days} days. Ask the payer.",
    Queue.REJECTED: "Returned before any payer judged them. Correct what is wrong, or file them again as they are.",
    Queue.DENIED: "The payer refused all of it. What it did not leave to the patient still waits with the insurer.",
    Queue.PAID: "Decided, whoever of payer and patient is to pay.",
    Queue.UNKNOWN: "Nobody can say whether these arrived, so none is ever sent again by itself. An answer tells, or a "
    "person who has asked.",
    Queue.CLOSED: "Closed, or replaced by another claim.",
}
NOTHING = {
    Queue.UNBILLED: ("Everything signed is billed", "A session appears here when its note is signed."),
    Queue.HELD: ("No claim is held", "A claim that something stops appears here with its reason."),
    Queue.READY: ("No claim is ready", "What nothing stops waits here until the next run files it."),
    Queue.SENT: ("No claim is on its way", "What is filed waits here for its answer."),
    Queue.SILENT: ("No payer is silent", f"A claim appears here after {SILENCE.days} days without an answer."),
    Queue.REJECTED: ("No claim is rejected", "What comes back before a payer judged it appears here."),
    Queue.DENIED: ("No claim is denied", "What a payer refuses appears here with its reasons."),
    Queue.PAID: ("No claim is paid yet", "Decided claims appear here when a remittance is posted."),
    Queue.UNKNOWN: ("No claim is in doubt", "A claim whose delivery failed half-way appears here."),
    Queue.CLOSED: ("No claim is closed", "Claims that are done with appear here."),
}
"""What is said where a queue is empty."""
PRINTED = frozenset({Queue.SENT, Queue.SILENT, Queue.REJECTED, Queue.DENIED, Queue.PAID, Queue.CLOSED})
"""Queues whose claims were filed, so that their forms can be printed."""
FURTHEST = 36
"""Points, half an inch: so far at most print is moved on the sheet."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Which(StrEnum):
    """Whose forms are printed."""

    TICKED = "ticked"
    SHOWN = "shown"
    QUEUE = "queue"


class Sheets(StrEnum):
    """On what they are printed."""

    PLAIN = "plain"
    PREPRINTED = "preprinted"


@endpoint(pages, "/claims", may=Permission.SEE_CLAIMS, audit="claims viewed", subject="claim")
def claims(call: Call) -> Response:
    """One queue, and the counts of all."""
    queue = _queue()
    narrowed = Narrowed(_number("payer"), _number("practitioner"), request.args.get("rule", ""))
    if queue is not Queue.HELD:
        narrowed = replace(narrowed, rule="")
    found = claims_page(call.db, queue, call.at, narrowed, _place())
    call.detail["queue"] = queue.value
    prints = queue in PRINTED and bool(found.claims) and call.may(Permission.FILE_CLAIMS)
    return page(
        call,
        "claims/claims.html",
        found=found,
        queue=queue,
        words=WORDS[queue],
        meaning=MEANINGS[queue],
        nothing=NOTHING[queue],
        narrowed=narrowed,
        payers=[(one.id, one.name) for one in found.payers],
        queues=[(WORDS[one], _here(one, Narrowed()), one is queue, found.counts[one]) for one in Queue],
        rules=[
            (rule, count, _here(queue, replace(narrowed, rule="" if rule == narrowed.rule else rule)))
            for rule, count in found.rules
        ],
        previous=_here(queue, narrowed, found.previous) if found.previous else "",
        following=_here(queue, narrowed, found.following) if found.following else "",
        whole=_here(queue, Narrowed()),
        has_many_states=queue in (Queue.SENT, Queue.SILENT, Queue.CLOSED),
        chips=CHIPS,
        prints=prints,
        last_print=last_facts(call.db, ErrandKind.FORMS) if prints else {},
        order=ORDER,
        furthest=FURTHEST,
        print_at=_here(queue, narrowed, _place(), "claims.print_forms"),
    )


@endpoint(
    pages, "/claims/print", method="POST", may=Permission.FILE_CLAIMS, audit="claim forms asked for", subject="claim",
    again=claims,
)  # fmt: skip
def print_forms(call: Call) -> Response:
    """Have the forms of many claims drawn as one PDF."""
    form = Form()
    chosen = _chosen(call, form)
    sheets = form.choice("sheets", "What is printed on", Sheets)
    right = form.number("right", "How far to the right", -FURTHEST, FURTHEST)
    down = form.number("down", "How far down", -FURTHEST, FURTHEST)
    form.refuse_any()
    facts = {"claims": chosen, "preprinted": sheets is Sheets.PREPRINTED, "right": right, "down": down}
    call.detail["claims"] = len(chosen)
    errand = ask(call.db, ErrandKind.FORMS, facts, call.person.user_id, call.at)
    call.ring()
    return make_response(redirect(url_for("errands.errand", id=errand.id), 303))


def _chosen(call: Call, form: Form) -> list[int]:
    """The claims whose forms are asked for, at most :data:`MOST`; numbers that are no claim's are passed over."""
    which = form.choice("which", "Which claims", Which)
    queue = _queue()
    if which is Which.QUEUE and queue in PRINTED:
        narrowed = Narrowed(_number("payer"), _number("practitioner"))
        found = ids_waiting(call.db, queue, call.at, narrowed, MOST + 1)
    else:
        name = "shown" if which is Which.SHOWN else "claim"
        typed = [number for one in request.form.getlist(name) if (number := _as_number(one)) is not None]
        found = sorted(known(call.db, typed[: MOST + 1]))
    if len(found) > MOST:
        form.problem("which", f"These are more than {MOST:,} claims.", "Narrow the queue, or tick fewer.")
    elif not found:
        form.problem("which", "No claim is chosen.", "Tick those whose forms you want, or choose all of them.")
    return found


@endpoint(
    pages, "/claims/file", method="POST", may=Permission.FILE_CLAIMS, audit="filing asked for", subject="claim",
    again=claims,
)  # fmt: skip
def file_all(call: Call) -> Response:
    """Bill everything that is signed, and file every claim that nothing stops."""
    return ask_for_billing(call)


def _queue() -> Queue:
    try:
        return Queue(request.args.get("queue") or Queue.UNBILLED)
    except ValueError:
        raise NotFound("There is no such queue.") from None


def _number(name: str) -> int:
    return _as_number(request.args.get(name, "")) or 0


def _as_number(typed: str) -> int | None:
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 17 else None


def _here(queue: Queue, narrowed: Narrowed, place: Place | None = None, what: str = "claims.claims") -> str:
    """The address of this queue, or of what is done with it, narrowed, from a place on."""
    given: dict[str, Any] = {"payer": narrowed.payer_id, "practitioner": narrowed.practitioner_id}
    given |= {"rule": narrowed.rule, "before" if place and place.is_before else "after": _spelled(place)}
    return url_for(what, queue=queue.value, **{name: value for name, value in given.items() if value})


def _spelled(place: Place | None) -> str:
    """A place as an address carries it: microseconds since 1970, and a record's number."""
    return f"{(place.at - _EPOCH) // _MICROSECOND}.{place.id}" if place else ""


def _place() -> Place | None:
    for name in ("after", "before"):
        at, _, number = request.args.get(name, "").partition(".")
        since, claim_id = _as_number(at), _as_number(number)
        if since is not None and claim_id is not None:
            return Place(_EPOCH + since * _MICROSECOND, claim_id, is_before=name == "before")
    return None
