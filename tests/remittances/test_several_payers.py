"""Of several payers each decides what the one before it left, and only the last one leaves anything to the patient."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from billing.claims.lifecycle import ClaimState
from billing.payers.models import PayerKind
from billing.sessions.models import AccidentKind, ClinicSession
from tests.claims.assembly.further_payers import SECONDARY, TERTIARY, claim_of, insure_also
from tests.claims.office import Office
from tests.factories import DAY
from tests.remittances.books import bill_further, kinds, post, queue
from tests.remittances.payer import Answer, Payment, answer, pays, reversal

COPAY = ({"CO-45": 15_00, "PR-3": 25_00}, {"CO-45": 10_00})
"""The first payer pays 115.00 and leaves 25.00."""
SECOND = {"payer_name": "SECOND HEALTH", "payer_number": "EX0002", "originator": "1932222222"}
THIRD = {"payer_name": "THIRD HEALTH", "payer_number": "EX0003", "originator": "1933333333"}


def visited(office: Office, **visit: Any) -> ClinicSession:
    session = office.visit(DAY, **visit)
    office.bill()
    return session


def decides_first(office: Office, session: ClinicSession, *decided: dict[str, int], **cells: Any) -> Answer:
    """The first payer's decision, posted."""
    (claim,) = [one for one in office.claims() if one.session_id == session.id and one.responsibility == "P"]
    made = answer(office.received()[claim.control_number], *(decided or COPAY), **cells)
    post(office, pays(made))
    return made


def of_turn(office: Office, session: ClinicSession, turn: Any, *decided: dict[str, int], **cells: Any) -> Answer:
    """What the payer of that turn says to the claim that was sent to it."""
    claim = claim_of(office, session, turn)
    assert claim is not None
    return answer(office.received()[claim.control_number], *decided, **cells)


def second_pays(made: Answer) -> Payment:
    return pays(made, **SECOND)


def test_what_the_first_payer_leaves_is_the_patients_when_there_is_no_other(sqlite_office: Office) -> None:
    decides_first(sqlite_office, visited(sqlite_office))

    assert kinds(sqlite_office)["patient"] == 25_00


def test_a_later_payer_does_not_decide_the_first_ones_claim(office: Office) -> None:
    insure_also(office)
    session = visited(office)
    (claim,) = office.claims()

    why = queue(office, second_pays(answer(office.received()[claim.control_number], *COPAY, status="2")))

    first = office.scene.payer.name
    assert why == f"claim 1 ({claim.control_number}) was sent to {first}, and another payer answers it"
    assert claim_of(office, session, SECONDARY) is None


@pytest.mark.parametrize(
    ("policy", "is_the_patients"),
    [({}, False), ({"effective_to": date(2026, 3, 2)}, True), ({"effective_from": date(2026, 3, 4)}, True)],
    ids=["in force", "ended before", "begun after"],
)
def test_only_a_policy_in_force_that_day_keeps_the_patients_part_back(
    sqlite_office: Office, policy: dict[str, date], is_the_patients: bool
) -> None:
    insure_also(sqlite_office, **policy)

    decides_first(sqlite_office, visited(sqlite_office))

    part = "patient" if is_the_patients else "insurance"
    assert kinds(sqlite_office) == {
        "money:transfer": 115_00,
        "adjusted:contractual": 25_00,
        part: 25_00,
        "income:services": -165_00,
    }


@pytest.mark.parametrize(
    ("decided", "expected"),
    [
        (({"OA-23": 70_00, "PR-2": 5_00}, {"OA-23": 70_00}), {"money:transfer": 135_00, "patient": 5_00}),
        (({"OA-23": 70_00}, {"OA-23": 70_00}), {"money:transfer": 140_00}),
        (({"OA-23": 70_00, "PR-1": 25_00}, {"OA-23": 70_00}), {"money:transfer": 115_00, "patient": 25_00}),
        (({"OA-23": 70_00, "CO-50": 25_00}, {"OA-23": 70_00}), {"money:transfer": 115_00, "insurance": 25_00}),
        (({"PR-204": 95_00}, {"PR-204": 70_00}), {"money:transfer": 115_00, "patient": 25_00}),
    ],
    ids=["pays some", "pays all", "deductible", "refuses", "leaves what was decided before"],
)
def test_the_patient_owes_what_the_last_payer_leaves(
    sqlite_office: Office, decided: tuple[dict[str, int], ...], expected: dict[str, int]
) -> None:
    insure_also(sqlite_office)
    session = visited(sqlite_office)
    decides_first(sqlite_office, session)
    bill_further(sqlite_office)

    post(sqlite_office, second_pays(of_turn(sqlite_office, session, SECONDARY, *decided, status="2")))

    found = kinds(sqlite_office)
    assert {account: found.get(account, 0) for account in ("money:transfer", "patient", "insurance")} == {
        "money:transfer": 0, "patient": 0, "insurance": 0, **expected,
    }  # fmt: skip
    assert found["adjusted:contractual"] == 25_00


def test_a_later_payer_writes_off_no_more_than_is_left(sqlite_office: Office) -> None:
    insure_also(sqlite_office)
    session = visited(sqlite_office)
    decides_first(sqlite_office, session)
    bill_further(sqlite_office)

    made = of_turn(sqlite_office, session, SECONDARY, {"CO-45": 75_00}, {"CO-45": 70_00}, status="2")
    post(sqlite_office, second_pays(made))

    assert kinds(sqlite_office) == {
        "money:transfer": 135_00,
        "adjusted:contractual": 30_00,
        "income:services": -165_00,
    }


def test_a_third_payer_decides_last(sqlite_office: Office) -> None:
    insure_also(sqlite_office)
    insure_also(sqlite_office, rank=3, name="Third Health")
    session = visited(sqlite_office)
    decides_first(sqlite_office, session)
    bill_further(sqlite_office)
    second = of_turn(sqlite_office, session, SECONDARY, {"OA-23": 70_00, "PR-2": 9_00}, {"OA-23": 70_00}, status="2")
    post(sqlite_office, second_pays(second))
    between = kinds(sqlite_office)
    bill_further(sqlite_office)

    third = of_turn(sqlite_office, session, TERTIARY, {"OA-23": 86_00, "PR-2": 2_00}, {"OA-23": 70_00}, status="3")
    post(sqlite_office, pays(third, **THIRD))

    assert (between["insurance"], between.get("patient", 0)) == (9_00, 0)
    assert kinds(sqlite_office) == {
        "money:transfer": 138_00,
        "adjusted:contractual": 25_00,
        "patient": 2_00,
        "income:services": -165_00,
    }


def test_a_later_payer_that_takes_back_leaves_the_first_decision_alone(sqlite_office: Office) -> None:
    insure_also(sqlite_office)
    session = visited(sqlite_office)
    decides_first(sqlite_office, session)
    before = kinds(sqlite_office)
    bill_further(sqlite_office)
    made = of_turn(sqlite_office, session, SECONDARY, {"OA-23": 70_00, "PR-2": 5_00}, {"OA-23": 70_00}, status="2")
    post(sqlite_office, second_pays(made))

    post(sqlite_office, second_pays(reversal(made)))

    assert kinds(sqlite_office) == before
    assert sqlite_office.states() == [ClaimState.PAID, ClaimState.ACCEPTED]


@pytest.mark.parametrize("is_first", [True, False], ids=["correction first", "reversal first"])
def test_a_later_payer_corrects_its_own_decision_in_one_payment(sqlite_office: Office, is_first: bool) -> None:
    insure_also(sqlite_office)
    session = visited(sqlite_office)
    decides_first(sqlite_office, session)
    bill_further(sqlite_office)
    made = of_turn(sqlite_office, session, SECONDARY, {"OA-23": 70_00, "CO-45": 25_00}, {"OA-23": 70_00}, status="2")
    post(sqlite_office, second_pays(made))
    told = ({"OA-23": 70_00, "PR-2": 5_00}, {"OA-23": 70_00})
    corrected = of_turn(sqlite_office, session, SECONDARY, *told, status="2")

    post(sqlite_office, pays(*((corrected, reversal(made)) if is_first else (reversal(made), corrected)), **SECOND))

    assert kinds(sqlite_office) == {
        "money:transfer": 135_00,
        "adjusted:contractual": 25_00,
        "patient": 5_00,
        "income:services": -165_00,
    }


def test_a_refusal_of_a_later_payer_is_replaced_when_it_pays_after_all(sqlite_office: Office) -> None:
    insure_also(sqlite_office)
    session = visited(sqlite_office)
    decides_first(sqlite_office, session)
    bill_further(sqlite_office)
    refused = of_turn(sqlite_office, session, SECONDARY, {"CO-45": 70_00, "PR-1": 25_00}, {"CO-45": 70_00}, status="2")
    post(sqlite_office, second_pays(refused))

    paid = of_turn(sqlite_office, session, SECONDARY, {"OA-23": 70_00, "PR-2": 5_00}, {"OA-23": 70_00}, status="2")
    post(sqlite_office, second_pays(paid))

    found = kinds(sqlite_office)
    assert (found["money:transfer"], found["patient"], found.get("insurance", 0)) == (135_00, 5_00, 0)


def test_the_first_payer_is_not_paid_for_twice_under_the_second_ones_status(sqlite_office: Office) -> None:
    session = visited(sqlite_office)
    made = decides_first(sqlite_office, session)
    control_number = made.control_number

    why = queue(sqlite_office, second_pays(answer(sqlite_office.received()[control_number], {}, {}, status="2")))

    assert why == f"claim 1 ({control_number}) was paid before, and that is not taken back: it would be paid twice"


def test_for_an_injury_its_own_payer_decides_first_whatever_the_rank(sqlite_office: Office) -> None:
    auto = insure_also(sqlite_office, kind=PayerKind.AUTO, name="Example Auto")
    session = visited(sqlite_office, accident=AccidentKind.AUTO, accident_state="OR", claim_number="CL-1")
    (claim,) = sqlite_office.claims()

    post(sqlite_office, pays(answer(sqlite_office.sent(session), *COPAY)))

    assert claim.payer_id == auto.payer.id
    assert (kinds(sqlite_office)["insurance"], kinds(sqlite_office).get("patient", 0)) == (25_00, 0)
