"""One claim: what it says, its way, and what a person can do about it."""

from __future__ import annotations

from flask import Response, flash, make_response, redirect, url_for

from billing.access.permissions import Permission
from billing.claims.filing import resolving
from billing.claims.filing.refiling import set_aside_named
from billing.claims.lifecycle import CLAIM, UNFILED, ClaimEvent, ClaimState
from billing.claims.models import Claim
from billing.claims.queries import claim_by_id
from billing.claims.settling import close
from billing.claims.worklists import Queue, queue_of
from billing.errors import Refused
from billing.operations.errands.asking import ask
from billing.operations.errands.kinds import ErrandKind
from billing.reports.claim_page import claim_seen
from billing.reports.claim_story import claim_story
from billing.web.endpoint import Call, endpoint
from billing.web.forms import Form
from billing.web.pages.claim_papers import pages
from billing.web.rendering import page

_MOST_REASON = 500
CHIPS = {
    ClaimState.DRAFT: "quiet",
    ClaimState.HELD: "bad",
    ClaimState.READY: "info",
    ClaimState.SENDING: "info",
    ClaimState.SENT: "info",
    ClaimState.UNKNOWN: "warn",
    ClaimState.REJECTED: "bad",
    ClaimState.ACCEPTED: "good",
    ClaimState.DENIED: "bad",
    ClaimState.PAID: "good",
    ClaimState.CLOSED: "quiet",
    ClaimState.REPLACED: "quiet",
    ClaimState.VOIDED: "quiet",
}
"""How each state looks, besides its word."""


@endpoint(pages, "/claims/<int:id>", may=Permission.SEE_CLAIMS, audit="claim viewed", subject="claim")
def claim(call: Call, id: int) -> Response:
    """The whole claim on one page."""
    seen = claim_seen(call.db, id)
    acts = call.may(Permission.FILE_CLAIMS)
    state = seen.claim.state
    return page(
        call,
        "claims/claim.html",
        seen=seen,
        story=claim_story(call.db, seen, call.clinic),
        chips=CHIPS,
        queue=queue_of(state).value,
        may_check=acts and state in UNFILED and seen.claim.file_id is None,
        may_refile=acts and state is ClaimState.REJECTED and seen.claim.file_id is not None,
        may_resolve=acts and state is ClaimState.UNKNOWN,
        may_close=acts and CLAIM.allows(state, ClaimEvent.CLOSED) and not seen.amounts.waiting,
        is_open_with_payer=CLAIM.allows(state, ClaimEvent.CLOSED) and seen.amounts.waiting,
    )


def ask_for_billing(call: Call, about: Claim | None = None) -> Response:
    """Ask for a billing run through today, and lead to where its progress is seen.

    One about a claim is a run of its own, even while another is going on that may have passed that claim already.
    """
    facts = {"through": call.today.isoformat(), **({"claim": about.id} if about else {})}
    errand = ask(call.db, ErrandKind.BILL, facts, call.person.user_id, call.at)
    call.ring()
    return make_response(redirect(url_for("errands.errand", id=errand.id), 303))


@endpoint(
    pages, "/claims/<int:id>/check", method="POST", may=Permission.FILE_CLAIMS, audit="claim checked again",
    subject="claim", again=claim,
)  # fmt: skip
def check(call: Call, id: int) -> Response:
    """Judge a claim that waits here once more, with everything else that is to be billed."""
    found = claim_by_id(call.db, id)
    if found.state not in UNFILED:
        raise Refused(f"Claim {found.control_number} is {found.state} by now; there is nothing to check.")
    return ask_for_billing(call, found)


@endpoint(
    pages, "/claims/<int:id>/refile", method="POST", may=Permission.FILE_CLAIMS, audit="claim set aside to go again",
    subject="claim", again=claim,
)  # fmt: skip
def refile(call: Call, id: int) -> Response:
    """Set a rejected claim aside, and bill its session anew."""
    found = claim_by_id(call.db, id)
    set_aside_named(call.db, [found.control_number], call.today, by=str(call.actor))
    return ask_for_billing(call, found)


@endpoint(
    pages, "/claims/<int:id>/found", method="POST", may=Permission.FILE_CLAIMS, audit="claim said to have arrived",
    subject="claim", again=claim,
)  # fmt: skip
def found(call: Call, id: int) -> Response:
    """Somebody knows that a claim of unknown fate arrived."""
    claims = resolving.found(call.db, [id], str(call.actor), _reason(), call.at)
    call.detail["claims"] = claims
    flash("It is with the payer." if claims == 1 else f"These {claims} claims are with their payers.")
    if Form().raw("back") == Queue.UNKNOWN:
        return make_response(redirect(url_for("claims.claims", queue=Queue.UNKNOWN.value), 303))
    return _back(id)


@endpoint(
    pages, "/claims/<int:id>/missed", method="POST", may=Permission.FILE_CLAIMS,
    audit="claim said not to have arrived", subject="claim", again=claim,
)  # fmt: skip
def missed(call: Call, id: int) -> Response:
    """Somebody knows that a claim of unknown fate did not arrive: its file is handed over again."""
    call.detail["claims"] = resolving.missed(call.db, [id], str(call.actor), _reason(), call.at)
    return ask_for_billing(call, claim_by_id(call.db, id))


@endpoint(
    pages, "/claims/<int:id>/close", method="POST", may=Permission.FILE_CLAIMS, audit="claim closed", subject="claim",
    again=claim,
)  # fmt: skip
def shut(call: Call, id: int) -> Response:
    """Close a claim about which nothing is left to do."""
    close(call.db, id, str(call.actor), _reason(), call.at)
    flash("The claim is closed.")
    return _back(id)


def _reason() -> str:
    form = Form()
    why = form.lines("why", "The reason", most=_MOST_REASON, required=True)
    form.refuse_any()
    return why


def _back(id: int) -> Response:
    return make_response(redirect(url_for("claims.claim", id=id), 303))
