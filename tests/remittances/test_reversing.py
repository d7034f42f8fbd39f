"""What a payer takes back is mirrored to the cent, and never more than it had decided."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from billing.claims.lifecycle import ClaimEvent, ClaimState
from billing.edi.claim_837p.claim import ProfessionalClaim
from billing.ledger.models import Posting
from billing.remittances.posting import CLAIMS_AT_ONCE
from tests.claims.office import Office
from tests.factories import DAY
from tests.remittances.books import (
    adjudications,
    filed,
    kinds,
    post,
    queue,
    remittances,
)
from tests.remittances.payer import Answer, answer, answer_as_a_whole, pays, reversal

COPAY = ({"CO-45": 15_00, "PR-3": 25_00}, {"CO-45": 10_00})
"""115.00 are paid, 25.00 are the patient's."""
FULL = ({}, {})
NOT_THERE = "takes back a decision that is not in the books, or other amounts than were decided"
CORRECTED = {"money:transfer": 165_00, "income:services": -165_00}


def decided(office: Office) -> Answer:
    """A decision that is in the books."""
    made = answer(filed(office), *COPAY)
    post(office, pays(made))
    return made


def filed_claim(office: Office) -> ProfessionalClaim:
    """The one claim that was filed."""
    (claim,) = office.received().values()
    return claim


def standing(office: Office) -> list[bool]:
    """Whether each decision stands, oldest first."""
    return [one.reversed_at is None for one in adjudications(office)]


def test_what_is_taken_back_is_owed_by_the_insurer_again(office: Office) -> None:
    made = decided(office)

    post(office, pays(reversal(made)))

    assert kinds(office) == {"insurance": 165_00, "income:services": -165_00}
    assert standing(office) == [False]
    (claim,) = office.claims()
    assert claim.state is ClaimState.ACCEPTED
    assert office.moves(claim)[-1].event is ClaimEvent.REVERSED


def test_money_taken_back_comes_out_of_the_payment_that_takes_it_back(sqlite_office: Office) -> None:
    made = decided(sqlite_office)

    post(sqlite_office, pays(reversal(made)))

    old, new = remittances(sqlite_office)
    assert (old.paid_cents, new.paid_cents) == (115_00, -115_00)
    with sqlite_office.database.reading() as db:
        entry = f"reversal:remittance:{old.id}:claim:1:line:1"
        rows = db.execute(sa.select(Posting.account, Posting.cents).where(Posting.entry == entry)).all()
    assert dict(tuple(row) for row in rows)[f"deposit:{new.id}"] == -55_00


@pytest.mark.parametrize("first", ["reversal", "correction"])
def test_a_correction_in_the_same_payment_stands_whichever_comes_first(office: Office, first: str) -> None:
    made = decided(office)
    corrected = replace(answer(filed_claim(office), *FULL), payer_claim_number="PCN2")
    answers = [reversal(made), corrected]

    post(office, pays(*(answers if first == "reversal" else reversed(answers))))

    assert kinds(office) == CORRECTED
    assert standing(office) == [False, True]
    assert office.states() == [ClaimState.PAID]


@pytest.mark.parametrize("first", ["reversal", "correction"])
def test_a_correction_may_stand_hundreds_of_claims_away_from_the_reversal(sqlite_office: Office, first: str) -> None:
    made = decided(sqlite_office)
    claim = filed_claim(sqlite_office)
    between = [answer(claim, {"CO-45": 95_00}, {"CO-45": 70_00}, status="25")] * CLAIMS_AT_ONCE
    ends = [reversal(made), answer(claim, *FULL)]
    one, other = ends if first == "reversal" else reversed(ends)

    post(sqlite_office, pays(one, *between, other))

    assert kinds(sqlite_office) == CORRECTED
    assert standing(sqlite_office) == [False, True]


def test_a_correction_may_come_in_a_later_payment(sqlite_office: Office) -> None:
    made = decided(sqlite_office)
    post(sqlite_office, pays(reversal(made)))

    post(sqlite_office, pays(answer(filed_claim(sqlite_office), *FULL)))

    assert kinds(sqlite_office) == CORRECTED


def test_a_claim_decided_taken_back_and_decided_again_in_one_payment_stands_as_decided_last(
    sqlite_office: Office,
) -> None:
    claim = filed(sqlite_office)
    first = answer(claim, *COPAY)

    post(sqlite_office, pays(first, reversal(first), answer(claim, *FULL)))

    assert kinds(sqlite_office) == CORRECTED
    assert standing(sqlite_office) == [False, True]


def test_a_decision_can_be_taken_back_twice_when_it_was_made_twice(sqlite_office: Office) -> None:
    made = decided(sqlite_office)

    for _ in range(2):
        post(sqlite_office, pays(reversal(made)))
        post(sqlite_office, pays(made))

    assert standing(sqlite_office) == [False, False, True]
    assert kinds(sqlite_office)["money:transfer"] == 115_00


def test_a_denial_is_taken_back_though_it_put_nothing_into_the_books(sqlite_office: Office) -> None:
    made = answer(filed(sqlite_office), {"CO-50": 95_00}, {"CO-50": 70_00}, status="4")
    post(sqlite_office, pays(made))

    post(sqlite_office, pays(reversal(made)))

    assert sqlite_office.states() == [ClaimState.ACCEPTED]
    assert standing(sqlite_office) == [False]


def test_a_decision_of_the_whole_is_taken_back_by_its_lines_and_the_other_way_round(sqlite_office: Office) -> None:
    for week, (made, taken_back) in enumerate(((True, False), (False, True))):
        claim = filed(sqlite_office, DAY + timedelta(days=7 * week))
        whole = answer_as_a_whole(claim, {"PR-3": 33_00})
        in_lines = answer(claim, {"PR-3": 19_00}, {"PR-3": 14_00})
        post(sqlite_office, pays(whole if made else in_lines))

        post(sqlite_office, pays(reversal(whole if taken_back else in_lines)))

    assert kinds(sqlite_office) == {"insurance": 330_00, "income:services": -330_00}


def test_two_decisions_about_one_claim_are_taken_back_together(sqlite_office: Office) -> None:
    whole = answer(filed(sqlite_office), *COPAY)
    parts = [
        replace(whole, lines=(line,), charge_cents=line.charge_cents, paid_cents=line.paid_cents)
        for line in whole.lines
    ]
    post(sqlite_office, pays(parts[0]))
    post(sqlite_office, pays(parts[1]))

    post(sqlite_office, pays(reversal(whole)))

    assert standing(sqlite_office) == [False, False]
    assert kinds(sqlite_office)["insurance"] == 165_00


def test_of_two_decisions_about_one_claim_one_is_taken_back(sqlite_office: Office) -> None:
    whole = answer(filed(sqlite_office), *COPAY)
    first, second = (
        replace(whole, lines=(line,), charge_cents=line.charge_cents, paid_cents=line.paid_cents)
        for line in whole.lines
    )
    post(sqlite_office, pays(first))
    post(sqlite_office, pays(second))

    post(sqlite_office, pays(reversal(first)))

    assert standing(sqlite_office) == [False, True]
    assert kinds(sqlite_office)["insurance"] == 95_00


def test_what_was_decided_anew_is_what_is_taken_back(sqlite_office: Office) -> None:
    claim = filed(sqlite_office)
    post(sqlite_office, pays(answer(claim, {"CO-16": 95_00}, {"CO-16": 70_00})))
    anew = answer(claim, *COPAY)
    post(sqlite_office, pays(anew))

    post(sqlite_office, pays(reversal(anew)))

    assert kinds(sqlite_office) == {"insurance": 165_00, "income:services": -165_00}


@pytest.mark.parametrize("earlier", [0, 8], ids=["first and second payment", "ninth and tenth"])
def test_a_line_that_was_decided_anew_is_not_taken_back_twice(sqlite_office: Office, earlier: int) -> None:
    claim = filed(sqlite_office)
    for number in range(earlier):
        queue(sqlite_office, f"letter {number}".encode())
    post(sqlite_office, pays(answer(claim, {"PR-3": 25_00}, {"PR-1": 70_00})))
    stands = answer(claim, {"PR-3": 25_00}, {})
    anew = replace(stands, lines=stands.lines[1:], charge_cents=70_00, paid_cents=70_00)
    post(sqlite_office, pays(anew))

    post(sqlite_office, pays(reversal(stands)))

    assert standing(sqlite_office) == [False, False]
    assert kinds(sqlite_office) == {"insurance": 165_00, "income:services": -165_00}


def test_a_reversal_may_name_a_reason_that_was_withdrawn_since(sqlite_office: Office) -> None:
    claim = filed(sqlite_office)

    why = queue(sqlite_office, pays(answer(claim, {"CO-38": 95_00}, {"CO-38": 70_00})))
    taken_back = queue(sqlite_office, pays(reversal(answer(claim, {"CO-38": 95_00}, {"CO-38": 70_00}))))

    assert "CAS CO-38" in why
    assert "CAS CO-38" not in taken_back
    assert NOT_THERE in taken_back


def test_a_decision_that_is_not_in_the_books_cannot_be_taken_back(sqlite_office: Office) -> None:
    why = queue(sqlite_office, pays(reversal(answer(filed(sqlite_office), *COPAY))))

    assert why.endswith(NOT_THERE)


def test_what_is_decided_only_afterwards_is_not_what_is_taken_back(sqlite_office: Office) -> None:
    made = answer(filed(sqlite_office), *COPAY)

    why = queue(sqlite_office, pays(reversal(made), made))

    assert why.endswith(NOT_THERE)


@pytest.mark.parametrize(
    "other",
    [({"CO-45": 15_00, "PR-3": 24_99}, {"CO-45": 10_00}), ({"PR-3": 40_00}, {"CO-45": 10_00}),
     ({"CO-45": 15_00, "PR-3": 25_00},)],
    ids=["off by a cent", "other groups", "one line less"],
)  # fmt: skip
def test_other_amounts_than_were_decided_cannot_be_taken_back(
    sqlite_office: Office, other: tuple[dict[str, int], ...]
) -> None:
    decided(sqlite_office)

    why = queue(sqlite_office, pays(reversal(answer(filed_claim(sqlite_office), *other))))

    assert why.endswith(NOT_THERE)
    assert standing(sqlite_office) == [True]


def test_what_was_taken_back_cannot_be_taken_back_again(sqlite_office: Office) -> None:
    made = decided(sqlite_office)
    post(sqlite_office, pays(reversal(made)))

    assert queue(sqlite_office, pays(reversal(made))).endswith(NOT_THERE)


def test_a_paid_claim_that_is_decided_again_without_a_reversal_would_be_paid_twice(sqlite_office: Office) -> None:
    decided(sqlite_office)

    why = queue(sqlite_office, pays(answer(filed_claim(sqlite_office), *FULL)))

    assert why.endswith("was paid before, and that is not taken back: it would be paid twice")


def test_what_is_taken_back_in_a_file_of_many_payments_is_found_in_the_one_before(office: Office) -> None:
    claim = filed(office)
    made = answer(claim, *COPAY)

    post(office, pays(made), pays(reversal(made)), pays(answer(claim, *FULL)))

    assert kinds(office) == CORRECTED
