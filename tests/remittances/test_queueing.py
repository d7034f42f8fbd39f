"""A payment that cannot be posted to the cent waits whole, with its arithmetic, and holds up no other."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from billing.audit.models import AuditEntry
from billing.claims.lifecycle import ClaimState
from billing.documents.models import ReceivedFile
from billing.edi.remittance_835.reader import read_835
from billing.operations.remitting import keep_file
from billing.remittances.incoming import IncomingPayment
from billing.remittances.models import RemittanceState
from billing.remittances.queueing import queue_payment
from tests.claims.office import Office
from tests.factories import DAY
from tests.remittances.books import (
    PAID_AT,
    POSTED,
    QUEUED,
    REPEATED,
    balances,
    books,
    fates,
    filed,
    kinds,
    post,
    queue,
    remit,
    remittances,
)
from tests.remittances.payer import Answer, Payment, answer, answer_as_a_whole, file_of, pays, reversal

FULL = ({}, {})
NOT_GIVEN = "is adjusted for a reason that is no code, or none any more"
COPAY = ({"CO-45": 15_00, "PR-3": 25_00}, {"CO-45": 10_00})


def one_more(office: Office) -> Payment:
    """A payment in full for a claim of another day, which nothing speaks against."""
    return pays(answer(filed(office, DAY + timedelta(days=21)), *FULL))


def stranger(made: Answer, control_number: str) -> Answer:
    """The same said of a claim that is not ours."""
    return replace(made, control_number=control_number, last_name="NOBODY")


def with_segment(payment: Payment, old: str, new: str) -> bytes:
    """The file of a payment in which one text is replaced."""
    content = file_of(payment)
    assert content.count(old.encode()) >= 1
    return content.replace(old.encode(), new.encode(), 1)


def off_by_a_cent(made: Answer, where: str) -> Payment:
    """The answer's payment, in which one sum does not come out."""
    if where == "payment":
        return replace(pays(made), paid_cents=made.paid_cents + 1)
    if where == "claim":
        return pays(replace(made, paid_cents=made.paid_cents + 1))
    line = replace(made.lines[0], paid_cents=made.lines[0].paid_cents + 1)
    return pays(replace(made, lines=(line, *made.lines[1:]), paid_cents=made.paid_cents + 1))


@pytest.mark.parametrize(
    ("where", "arithmetic"),
    [
        ("payment", "Check 115.01, but claims 115.00 - provider-level 0.00 = 115.00"),
        ("claim", "165.00 - 50.00 = 115.00, but 115.01 was paid"),
        ("line", "line 1 (97810): 95.00 - 40.00 = 55.00, but 55.01 was paid"),
    ],
)
def test_a_payment_that_is_off_by_a_cent_waits_with_its_arithmetic(
    sqlite_office: Office, where: str, arithmetic: str
) -> None:
    made = answer(filed(sqlite_office), *COPAY)
    before = books(sqlite_office)

    (judged,) = remit(sqlite_office, off_by_a_cent(made, where))

    assert (judged.fate, judged.why) == (QUEUED, "it does not balance")
    assert arithmetic in judged.arithmetic
    assert books(sqlite_office) == before
    (kept,) = remittances(sqlite_office)
    assert (kept.state, kept.why, kept.arithmetic) == (RemittanceState.QUEUED, judged.why, judged.arithmetic)


def test_what_waits_holds_up_no_other_payment_of_the_file(office: Office) -> None:
    claims = [filed(office, DAY + timedelta(days=7 * week)) for week in range(3)]
    good, off, last = (answer(one, *COPAY) for one in claims)

    judged = remit(office, pays(good), off_by_a_cent(off, "line"), pays(last))

    assert fates(judged) == [POSTED, QUEUED, POSTED]
    assert balances(office)["money:transfer"] == 230_00
    assert office.states() == [ClaimState.PAID, ClaimState.SENT, ClaimState.PAID]


def test_a_claim_of_strangers_keeps_the_whole_payment_from_being_posted(office: Office) -> None:
    ours = answer(filed(office), *FULL)
    theirs = stranger(ours, "ELSE77")
    neighbour = one_more(office)

    judged = remit(office, pays(ours, theirs), neighbour)

    assert fates(judged) == [QUEUED, POSTED]
    assert judged[0].why == "claim 2 (ELSE77) is not a claim of ours"
    assert office.states() == [ClaimState.SENT, ClaimState.PAID]


def test_every_reason_is_told(sqlite_office: Office) -> None:
    made = answer(filed(sqlite_office), {"CO-999": 5_00}, {"ZZ-45": 5_00})

    why = queue(sqlite_office, replace(pays(made, stranger(made, "ELSE")), paid_cents=1))

    assert why.split("; ") == [
        "it does not balance",
        f"claim 1 ({made.control_number}) {NOT_GIVEN} (CAS CO-999)",
        f"claim 1 ({made.control_number}) {NOT_GIVEN} (CAS ZZ-45)",
        f"claim 2 (ELSE) {NOT_GIVEN} (CAS CO-999)",
        f"claim 2 (ELSE) {NOT_GIVEN} (CAS ZZ-45)",
        "claim 2 (ELSE) is not a claim of ours",
    ]


def test_of_very_many_reasons_the_first_are_told(sqlite_office: Office) -> None:
    made = answer(filed(sqlite_office), *FULL)
    strangers = [stranger(made, f"ELSE{number}") for number in range(30)]

    why = queue(sqlite_office, pays(*strangers))

    assert why.count("is not a claim of ours") == 20
    assert why.endswith("; and 10 more")


@pytest.mark.parametrize(
    ("reason", "on", "is_known"),
    [("CO-45", date(2026, 4, 10), True), ("CO-38", date(2026, 4, 10), False), ("CO-38", date(2012, 12, 31), True),
     ("CO-4711", date(2026, 4, 10), False), ("CR-45", date(2026, 4, 10), False)],
    ids=["known", "withdrawn", "before it was withdrawn", "unknown", "unknown group"],
)  # fmt: skip
def test_a_reason_must_be_one_that_may_be_given_on_that_day(
    sqlite_office: Office, reason: str, on: date, is_known: bool
) -> None:
    made = answer(filed(sqlite_office), {reason: 5_00}, {})

    (judged,) = remit(sqlite_office, pays(made, paid_on=on))

    assert (judged.fate is POSTED) is is_known
    assert (judged.why == f"claim 1 ({made.control_number}) {NOT_GIVEN} (CAS {reason})") is not is_known


def test_a_reason_of_the_provider_level_must_be_known(sqlite_office: Office) -> None:
    made = answer(filed(sqlite_office), *FULL)

    why = queue(sqlite_office, pays(made, provider_adjustments=(("QQ:REF", 1_00),)))

    assert why == "it is adjusted for a reason that is no code (PLB QQ)"


@pytest.mark.parametrize("status", ["", "5", "99"])
def test_a_status_that_means_nothing_is_not_guessed(sqlite_office: Office, status: str) -> None:
    made = answer(filed(sqlite_office), *FULL, status=status)

    assert "has a status that means nothing" in queue(sqlite_office, pays(made))


def test_money_for_what_was_not_decided_waits(sqlite_office: Office) -> None:
    made = answer(filed(sqlite_office), *FULL, status="25")

    assert "has money though it was not decided (CLP02 25)" in queue(sqlite_office, pays(made))


def test_amounts_that_could_not_be_read_are_no_part_of_the_arithmetic(sqlite_office: Office) -> None:
    payment = pays(answer(filed(sqlite_office), *FULL))

    (judged,) = remit(sqlite_office, with_segment(payment, "BPR*I*165.00*", "BPR*I*165.001*"))

    assert judged.arithmetic.splitlines()[-1] == "Amounts that could not be read count as 0.00 here."


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("BPR*I*165.00*", "BPR*I*165.001*", "BPR02 is not an amount in whole cents"),
        ("*95.00*95.00", "*95.00*95.000", "SVC03 is not an amount in whole cents"),
        ("*95.00*95.00", "*95.00*1E2", "SVC03 is not an amount in whole cents"),
        ("DTM*472*20260303", "DTM*472*19000101", "DTM02 is a date that no claim can have"),
        ("**20260410~", "**19000101~", "BPR16 is a date that no claim can have"),
        ("**20260410~", "**20990410~", "it is dated 2099-04-10, too far ahead of the day on which it came"),
        ("DTM*472*20260303", "DTM*472*20260231", "DTM02 is not a date"),
    ],
    ids=[
        "three decimals",
        "three decimals in a line",
        "an exponent",
        "1900",
        "paid in 1900",
        "paid in 2099",
        "no such day",
    ],
)
def test_what_cannot_be_relied_on_is_not_posted(sqlite_office: Office, old: str, new: str, words: str) -> None:
    payment = pays(answer(filed(sqlite_office), *FULL))

    assert words in queue(sqlite_office, with_segment(payment, old, new))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"trace": ""}, "it has no check or transfer number (TRN02)"),
        ({"handling": "H"}, "it names an amount, but is a mere notification (BPR01 H)"),
        ({"handling": "P"}, "it names an amount, but is the announcement of a later payment (BPR01 P)"),
        ({"method": "NON"}, "it names an amount, but not how it is paid (BPR04 NON)"),
        ({"method": ""}, "it names an amount, but not how it is paid (BPR04 is empty)"),
    ],
)
def test_money_that_did_not_come_is_not_posted(sqlite_office: Office, changes: dict[str, str], words: str) -> None:
    payment = replace(pays(answer(filed(sqlite_office), *FULL)), **changes)

    assert words in queue(sqlite_office, payment)


@pytest.mark.parametrize("state", [ClaimState.HELD, ClaimState.SENDING, ClaimState.CLOSED])
def test_a_claim_that_takes_no_decision_keeps_its_payment_waiting(sqlite_office: Office, state: ClaimState) -> None:
    made = answer(filed(sqlite_office), *FULL)
    sqlite_office.edit(sqlite_office.claims()[0], state=state)

    assert made.control_number in queue(sqlite_office, pays(made))


def test_a_claim_answered_as_a_whole_for_another_amount_waits(sqlite_office: Office) -> None:
    made = answer_as_a_whole(filed(sqlite_office), {})

    assert "was filed for 165.00" in queue(sqlite_office, pays(replace(made, charge_cents=150_00, paid_cents=150_00)))


def test_the_same_file_again_changes_nothing(office: Office) -> None:
    content = file_of(pays(answer(filed(office), *COPAY)))
    (first,) = remit(office, content)
    before = books(office)

    (again,) = remit(office, content, name="renamed.835")

    assert (first.fate, again.fate, again.waits) == (POSTED, REPEATED, False)
    assert again.payment == first.payment
    assert books(office) == before
    with office.database.reading() as db:
        assert db.scalars(sa.select(ReceivedFile.file_name)).all() == ["payment.835"]


def test_the_same_payment_in_another_file_changes_nothing(office: Office) -> None:
    payment, neighbour = pays(answer(filed(office), *COPAY)), one_more(office)
    post(office, payment)
    before = balances(office)["money:transfer"]

    judged = remit(office, neighbour, payment)

    assert fates(judged) == [POSTED, REPEATED]
    assert balances(office)["money:transfer"] == before + 165_00


def test_the_same_payment_twice_in_a_file_is_posted_once(sqlite_office: Office) -> None:
    payment = pays(answer(filed(sqlite_office), *COPAY))

    assert fates(remit(sqlite_office, payment, payment)) == [POSTED, REPEATED]
    assert kinds(sqlite_office)["money:transfer"] == 115_00


def test_a_payment_whose_advice_was_produced_again_is_the_same(sqlite_office: Office) -> None:
    payment = pays(answer(filed(sqlite_office), *COPAY))
    post(sqlite_office, payment)

    assert fates(remit(sqlite_office, with_segment(payment, "DTM*405*20260410", "DTM*405*20260411"))) == [REPEATED]


def test_another_payers_payment_of_the_same_number_is_another_payment(sqlite_office: Office) -> None:
    first, second = (answer(filed(sqlite_office, DAY + timedelta(days=7 * week)), *FULL) for week in range(2))

    judged = remit(
        sqlite_office, pays(first, trace="1"), pays(second, trace="1", payer_number="EX0002", originator="1932222222")
    )

    assert fates(judged) == [POSTED, POSTED]


def test_other_content_under_the_number_of_a_posted_payment_waits_each_time_it_comes(office: Office) -> None:
    claim = filed(office)
    post(office, pays(answer(claim, *COPAY), trace="SAME"))
    other = pays(answer(claim, *FULL), trace="SAME")

    why = queue(office, other)
    (again,) = remit(office, other)

    assert why == "a payment with other content was posted under the same number"
    assert (again.fate, again.waits) == (REPEATED, True)
    assert [one.state for one in remittances(office)] == [RemittanceState.POSTED, RemittanceState.QUEUED]


def test_what_another_process_has_posted_meanwhile_does_not_wait(office: Office) -> None:
    payment = pays(answer(filed(office), *COPAY))
    post(office, payment)
    kept = keep_file(office.database, office.store, "again.835", file_of(payment))
    incoming = IncomingPayment(next(read_835(kept.content, [])), kept.file_id, 1)
    incoming.read_to_end()

    with office.database.transaction() as db:
        judged = queue_payment(db, incoming, ["it was unfit a moment ago"], PAID_AT)

    assert (judged.fate, judged.waits) == (REPEATED, False)
    assert [(one.state, one.why) for one in remittances(office)] == [(RemittanceState.POSTED, "")]


def test_what_is_withheld_for_another_reason_is_other_content(sqlite_office: Office) -> None:
    made = answer(filed(sqlite_office), *COPAY)
    post(sqlite_office, pays(made, trace="SAME", provider_adjustments=(("WO:1", 5_00),)))

    why = queue(sqlite_office, pays(made, trace="SAME", provider_adjustments=(("CS:1", 5_00),)))

    assert why == "a payment with other content was posted under the same number"


def test_what_waits_is_not_remembered_twice(sqlite_office: Office) -> None:
    payment = off_by_a_cent(answer(filed(sqlite_office), *COPAY), "payment")

    first, second = (remit(sqlite_office, payment)[0] for _ in range(2))

    assert (first.fate, second.fate, second.waits) == (QUEUED, REPEATED, True)
    assert len(remittances(sqlite_office)) == 1
    with sqlite_office.database.reading() as db:
        audited = db.scalars(sa.select(AuditEntry.action).where(AuditEntry.subject_kind == "remittance")).all()
    assert audited == ["payment queued"]


def test_what_waits_is_posted_when_it_comes_again_and_nothing_speaks_against_it_any_more(office: Office) -> None:
    claim = filed(office)
    first = answer(claim, *COPAY)
    taken_back = pays(reversal(first))
    queue(office, taken_back)
    post(office, pays(first))

    (judged,) = remit(office, taken_back)

    assert judged.fate is POSTED
    assert [one.state for one in remittances(office)] == [RemittanceState.POSTED] * 2
    assert kinds(office) == {"insurance": 165_00, "income:services": -165_00}


def test_a_payment_that_is_cut_off_waits_and_those_before_it_are_posted(sqlite_office: Office) -> None:
    first, second = (pays(answer(filed(sqlite_office, DAY + timedelta(days=7 * week)), *FULL)) for week in range(2))
    content = file_of(first, second)

    judged = remit(sqlite_office, content[: content.rindex(b"SVC*")])

    assert fates(judged) == [POSTED, QUEUED]
    assert sqlite_office.states() == [ClaimState.PAID, ClaimState.SENT]


def test_a_payment_without_its_trailer_is_not_trusted_to_be_whole(sqlite_office: Office) -> None:
    content = file_of(pays(answer(filed(sqlite_office), *FULL)))

    (judged,) = remit(sqlite_office, content[: content.rindex(b"SE*")])

    assert judged.fate is QUEUED
    assert kinds(sqlite_office)["insurance"] == 165_00


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "It holds no payment"),
        (b"\x00\xff\xfe%PDF-1.7", "it is no X12 file"),
        (b"Dear clinic, we have paid you.", "it is no X12 file"),
        (b"ISA*00*", "it is no X12 file"),
    ],
    ids=["empty", "binary", "a letter", "cut off at once"],
)
def test_a_file_without_a_payment_waits_itself(office: Office, content: bytes, words: str) -> None:
    (judged,) = remit(office, content)

    assert (judged.fate, judged.payment, judged.waits) == (QUEUED, "", True)
    assert words in judged.why
    assert fates(remit(office, content)) == [REPEATED]
    (kept,) = remittances(office)
    assert (kept.state, kept.ordinal, kept.recorded_at) == (RemittanceState.QUEUED, 0, PAID_AT)


def test_a_file_of_claims_is_told_for_what_it_is(sqlite_office: Office) -> None:
    filed(sqlite_office)
    ((_, content),) = sqlite_office.clearinghouse.received

    (judged,) = remit(sqlite_office, content)

    assert judged.why == "It holds no payment: it is a 837; it is a claim file, which asks for payment"


def test_bytes_that_no_database_takes_are_taken_in(office: Office) -> None:
    made = answer(filed(office), *FULL, control_number="A\0B", last_name="NO\0BODY")

    judged = remit(office, pays(made, payer_name="EXAMPLE\0 H\xc9ALTH", trace="T\0 1"))

    assert [one.fate for one in judged] == [QUEUED]
    assert "\0" not in judged[0].why + remittances(office)[0].payer_name


def test_a_file_may_hold_hundreds_of_interchanges(sqlite_office: Office) -> None:
    claim = filed(sqlite_office)
    noted = [pays(answer(claim, {"CO-45": 95_00}, {"CO-45": 70_00}, status="25")) for _ in range(311)]
    payments = [*noted, pays(answer(claim, *FULL))]

    judged = remit(sqlite_office, b"".join(file_of(one, interchange=place) for place, one in enumerate(payments, 1)))

    assert fates(judged) == [POSTED] * 312
    assert [one.ordinal for one in remittances(sqlite_office)] == list(range(1, 313))
    assert kinds(sqlite_office)["money:transfer"] == 165_00
