"""A stack of claim forms is one PDF in a stated order; it says what was filed, and what has none is told by number."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pdfplumber
import pytest

from billing import clock
from billing.audit.models import AuditEntry
from billing.audit.recording import Actor, ActorKind
from billing.claims.models import Claim, FiledVersion
from billing.database import Database
from billing.documents.models import Document
from billing.errors import OutcomeUnknown
from billing.operations.errands.kinds import ErrandKind
from billing.operations.errands.printing import print_forms
from billing.operations.models import Errand, ErrandState
from tests.claims.office import BILLED_AT, Office, open_office
from tests.factories import DAY, make_payer
from tests.operations.errands import Backroom, Told, backroom_of


@pytest.fixture
def office(database: Database) -> Office:
    return open_office(database)


@pytest.fixture
def backroom(office: Office, inbox: Path) -> Backroom:
    return backroom_of(office, inbox)


def filed(office: Office, number: int = 1) -> list[Claim]:
    """So many claims that were sent, one a day."""
    sessions = [office.visit(DAY + timedelta(days=day)) for day in range(number)]
    office.bill()
    return [office.claim(one) for one in sessions]


def printed(backroom: Backroom, *claims: Claim, preprinted: bool = False, right: int = 0, down: int = 0) -> Errand:
    numbers = [one.id for one in claims]
    with clock.stopped_at(BILLED_AT):
        return backroom.done(ErrandKind.FORMS, claims=numbers, preprinted=preprinted, right=right, down=down)


def result_of(errand: Errand) -> dict[str, Any]:
    assert errand.result is not None, errand.failure
    return errand.result


def pdf_of(backroom: Backroom, errand: Errand) -> bytes:
    with backroom.database.reading() as db:
        document = db.get_one(Document, result_of(errand)["document"])
    return backroom.documents.get(document.sha256)


def words_of(content: bytes) -> list[str]:
    with pdfplumber.open(io.BytesIO(content)) as pdf:
        return [page.extract_text() for page in pdf.pages]


def test_the_forms_of_many_claims_are_one_pdf_that_is_kept(office: Office, backroom: Backroom) -> None:
    claims = filed(office, 3)

    ended = printed(backroom, *claims)

    assert ended.state is ErrandState.DONE
    assert {**result_of(ended), "document": 0} == {
        "asked": 3, "forms": 3, "sheets": 3, "preprinted": False, "document": 0, "without": 0, "left_out": [],
    }  # fmt: skip
    pages = words_of(pdf_of(backroom, ended))
    assert [claim.control_number in page for claim, page in zip(claims, pages, strict=True)] == [True] * 3
    with office.database.reading() as db:
        kept = db.query(Document).filter_by(owner_kind="errand", owner_id=ended.id).one()
    assert (kept.kind, kept.file_name) == ("claim forms", f"claim-forms-{ended.id}.pdf")


def test_they_lie_by_payer_then_day_then_number(office: Office, backroom: Backroom) -> None:
    first, second, third = filed(office, 3)
    other = office.write(lambda db: make_payer(db, name="aardvark Mutual").id)
    office.edit(third, payer_id=other)

    ended = printed(backroom, second, third, first)

    pages = words_of(pdf_of(backroom, ended))
    order = [third, first, second]
    assert [one.control_number in page for one, page in zip(order, pages, strict=True)] == [True] * 3


def test_the_same_stack_again_is_the_same_to_the_byte_whatever_was_edited_since(
    office: Office, backroom: Backroom
) -> None:
    claims = filed(office, 2)
    first = printed(backroom, *claims)
    office.edit(office.scene.patient, last_name="Someoneelse")

    again = printed(backroom, *claims)

    assert again.id != first.id
    assert pdf_of(backroom, again) == pdf_of(backroom, first)


def test_on_preprinted_sheets_the_form_is_not_drawn_and_what_is_typed_can_be_moved(
    office: Office, backroom: Backroom
) -> None:
    claims = filed(office)

    plain = words_of(pdf_of(backroom, printed(backroom, *claims)))[0]
    straight = pdf_of(backroom, printed(backroom, *claims, preprinted=True))
    moved = pdf_of(backroom, printed(backroom, *claims, preprinted=True, right=9, down=-4))

    assert "HEALTH INSURANCE CLAIM FORM" in plain
    assert "HEALTH INSURANCE CLAIM FORM" not in words_of(straight)[0]
    assert _place_of(moved) == pytest.approx((_place_of(straight)[0] + 9, _place_of(straight)[1] - 4), abs=0.01)


def _place_of(content: bytes) -> tuple[float, float]:
    with pdfplumber.open(io.BytesIO(content)) as pdf:
        char = pdf.pages[0].chars[0]
    return char["x0"], char["top"]


def test_a_claim_of_unknown_fate_has_no_form_to_be_posted_and_stops_no_other(
    office: Office, backroom: Backroom
) -> None:
    (sent,) = filed(office)
    lost = office.visit(DAY + timedelta(days=1))
    office.clearinghouse.failure = OutcomeUnknown("The line went dead.")
    office.bill()
    in_doubt = office.claim(lost)

    result = result_of(printed(backroom, in_doubt, sent))

    assert (result["forms"], result["without"]) == (1, 1)
    assert result["left_out"] == [
        {
            "id": in_doubt.id,
            "number": in_doubt.control_number,
            "why": "Nobody knows whether it arrived. Settle that first, or it may be claimed twice.",
        }
    ]


def test_a_claim_that_was_never_filed_has_no_form_yet(office: Office, backroom: Backroom) -> None:
    office.edit(office.scene.patient, signature_on_file=False)
    held = office.visit()
    office.bill()

    ended = printed(backroom, office.claim(held))

    result = result_of(ended)
    assert (ended.state, result["document"], result["forms"]) == (ErrandState.DONE, None, 0)
    assert [one["why"] for one in result["left_out"]] == ["It has not been filed: what it says may still change."]


def test_a_claim_that_does_not_go_onto_the_form_is_told_and_the_rest_is_drawn(
    office: Office, backroom: Backroom
) -> None:
    first, second, third = filed(office, 3)
    with office.database.transaction() as db:
        frozen = db.get_one(FiledVersion, (second.id, 1))
        claim = {**frozen.snapshot["claim"], "patient_paid_cents": 10**12}
        cells = {"file_id": frozen.file_id, "frozen_at": BILLED_AT, "total_cents": frozen.total_cents}
        db.add(FiledVersion(claim_id=second.id, version=2, snapshot={**frozen.snapshot, "claim": claim}, **cells))

    ended = printed(backroom, first, second, third)

    result = result_of(ended)
    assert (result["forms"], result["sheets"], len(words_of(pdf_of(backroom, ended)))) == (2, 2, 2)
    assert [one["number"] for one in result["left_out"]] == [second.control_number]
    assert result["left_out"][0]["why"].startswith("What was filed does not go onto the form: box 29 has no room for")


def test_each_claim_s_printing_is_in_the_audit_trail(office: Office, backroom: Backroom) -> None:
    claims = filed(office, 2)

    ended = printed(backroom, *claims)

    with office.database.reading() as db:
        rows = db.query(AuditEntry).filter_by(action="claim form printed").order_by(AuditEntry.id).all()
    assert [(one.actor_kind, one.subject_kind, one.subject_id, one.detail) for one in rows] == [
        ("user", "claim", str(claim.id), {"errand": ended.id}) for claim in claims
    ]


def test_it_tells_how_many_of_how_many_are_drawn(office: Office, backroom: Backroom) -> None:
    claims = filed(office, 3)
    facts = {"claims": [one.id for one in claims], "preprinted": True, "right": 0, "down": 0}
    asked, told = backroom.ask(ErrandKind.FORMS, **facts), Told()

    print_forms(backroom.means, asked.id, facts, Actor(ActorKind.USER, str(backroom.user.id)), told)

    assert told.steps == [("Drawing claim forms", 0, 3), ("Drawing claim forms", 3, 3)]


def test_one_that_is_to_stop_is_taken_up_again_from_the_beginning(office: Office, backroom: Backroom) -> None:
    claims = filed(office, 2)
    asked = backroom.ask(ErrandKind.FORMS, claims=[one.id for one in claims], preprinted=True, right=0, down=0)
    backroom.is_stopping = True
    backroom.run()
    waits = backroom.seen(asked).state
    backroom.is_stopping = False
    backroom.run()

    assert waits is ErrandState.WAITING
    assert result_of(backroom.seen(asked))["forms"] == 2
