"""Payers' files are dropped in and told of; what balances is posted, what does not waits here with its reason."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from billing import clock
from billing.adapters.memory import MemoryBell
from billing.claims.lifecycle import ClaimState
from billing.database import Db
from billing.edi.claim_837p.claim import ProfessionalClaim
from billing.operations.inbox_troubles import note_troubles
from billing.operations.models import Errand
from billing.remittances.models import Remittance, RemittanceState
from billing.wiring import Program
from tests.claims.answers.answer_texts import REJECTED, a277ca
from tests.claims.office import Office, open_office
from tests.edi.answers_on_stage import answer_of
from tests.factories import DAY
from tests.remittances.books import PAID_AT, filed, post, remittances
from tests.remittances.payer import answer, file_of, pays, reversal
from tests.web.desk import Browser, Desk, audit_rows, contents, do_what_is_due
from tests.web.pages.uploads import key_in, send, words

MINUS = "\N{MINUS SIGN}"
COPAY = ({"CO-45": 15_00, "PR-3": 25_00}, {"CO-45": 10_00})


@pytest.fixture
def office(program: Program) -> Office:
    return open_office(program.database)


@pytest.fixture
def claim(office: Office) -> ProfessionalClaim:
    return filed(office)


@pytest.fixture
def biller(desk: Desk) -> Browser:
    return desk.browser(desk.cast.cleo)


def work(program: Program) -> None:
    """Do what was asked for."""
    with clock.stopped_at(PAID_AT):
        do_what_is_due(program)


def take_in(program: Program, browser: Browser, *files: tuple[str, bytes]) -> str:
    """Send files in, have them taken in, and look at what came of it."""
    answer = send(browser, "/remittances", *files)
    assert answer.status_code == 303
    work(program)
    return browser.get(answer.location).text


def test_a_clean_payment_is_posted_and_accounts_for_its_money(
    program: Program, office: Office, claim: ProfessionalClaim, biller: Browser
) -> None:
    content = file_of(pays(answer(claim, *COPAY), trace="EFT1"))

    told = words(take_in(program, biller, ("money.835", content)))

    (posted,) = remittances(office)
    page = words(biller.get("/remittances").text)
    assert "EFT1 money.835 Posted 1 $115.00" in told
    assert f"{posted.payer_name} EFT1" in page
    assert "1 $115.00 $115.00 $0.00 $0.00" in page


def test_one_payment_is_seen_claim_by_claim_in_our_words(
    program: Program, office: Office, claim: ProfessionalClaim, biller: Browser
) -> None:
    take_in(program, biller, ("money.835", file_of(pays(answer(claim, *COPAY), trace="EFT1"))))
    (posted,) = remittances(office)

    page = words(biller.get(f"/remittances/{posted.id}").text)

    assert claim.control_number in page
    assert "CO-45 over fee schedule $25.00" in page
    assert "PR-3 copay $25.00" in page
    assert "97810" in page
    assert "Posted to claims $115.00 Unapplied $0.00 Deposit $115.00" in page
    assert [(one.action, one.subject_id) for one in audit_rows(program.database)][-1] == (
        "remittance viewed",
        str(posted.id),
    )


def test_what_a_payer_withholds_stands_in_the_sum(
    program: Program, office: Office, claim: ProfessionalClaim, biller: Browser
) -> None:
    withheld = pays(answer(claim, *COPAY), trace="EFT1", provider_adjustments=(("WO:OLD-1", 15_00),))

    take_in(program, biller, ("money.835", file_of(withheld)))

    (posted,) = remittances(office)
    page, listed = (words(biller.get(path).text) for path in (f"/remittances/{posted.id}", "/remittances"))
    assert "Posted to claims $115.00 WO" in page
    assert "Deposit $100.00" in page
    assert "$100.00 $115.00 \u2212$15.00 $0.00" in listed


@pytest.mark.parametrize("first", ["reversal", "correction"])
def test_what_a_payment_takes_back_is_a_row_so_that_its_rows_add_up(
    office: Office, claim: ProfessionalClaim, biller: Browser, first: str
) -> None:
    made, corrected = answer(claim, *COPAY), answer(claim, {"PR-3": 40_00}, {})
    post(office, pays(made), pays(answer(filed(office, DAY + timedelta(days=1)), *COPAY)))
    changed = [reversal(made), corrected]
    post(office, pays(*(changed if first == "reversal" else reversed(changed)), trace="EFT9"))
    last = remittances(office)[-1]

    page = biller.get(f"/remittances/{last.id}").text

    rows = re.findall(r"<tr>.*?</tr>", page.partition('id="claims"')[2], re.DOTALL)
    assert len(rows) == last.claims == 2
    assert f"Takes back an earlier decision {MINUS}$165.00 {MINUS}$115.00" in words(page)
    assert "$165.00 $125.00" in words(page)
    assert "Posted to claims $10.00" in words(page)


def test_a_payment_that_does_not_add_up_waits_with_its_reason_and_what_to_do(
    program: Program, office: Office, claim: ProfessionalClaim, biller: Browser
) -> None:
    off = file_of(pays(answer(claim, *COPAY), trace="EFT1", paid_cents=115_01))

    told = words(take_in(program, biller, ("off.835", off)))

    (waiting,) = remittances(office)
    listed, page = (words(biller.get(path).text) for path in ("/remittances", f"/remittances/{waiting.id}"))
    assert "Waits It does not balance." in told
    assert "It does not balance. Check 115.01, but claims 115.00" in listed
    assert "Nothing of this payment is in the books" in page
    assert "Ask the payer for a corrected advice" in page
    assert claim.control_number in page
    assert "In no account yet $115.01 Deposit $115.01" in page


def test_a_payment_is_posted_once_the_cause_is_gone_and_it_is_read_again(
    program: Program, office: Office, claim: ProfessionalClaim, biller: Browser
) -> None:
    (kept,) = office.claims()
    office.edit(kept, state=ClaimState.SENDING)
    take_in(program, biller, ("money.835", file_of(pays(answer(claim, *COPAY), trace="EFT1"))))
    (waiting,) = remittances(office)
    page = words(biller.get(f"/remittances/{waiting.id}").text)
    office.edit(kept, state=ClaimState.SENT)

    asked = biller.post(f"/remittances/{waiting.id}/retry")
    work(program)

    (posted,) = remittances(office)
    assert "is only being sent" in page
    assert "Wait until the claim has been handed over" in page
    assert posted.state is RemittanceState.POSTED
    assert "Posted" in words(biller.get(asked.location).text)


def test_reading_again_is_asked_for_once_however_often_the_form_is_sent(
    program: Program, office: Office, claim: ProfessionalClaim, biller: Browser
) -> None:
    off = file_of(pays(answer(claim, *COPAY), trace="EFT1", paid_cents=115_01))
    take_in(program, biller, ("off.835", off))
    (waiting,) = remittances(office)
    key = key_in(biller.get(f"/remittances/{waiting.id}").text)

    first = biller.post(f"/remittances/{waiting.id}/retry", form_key=key)
    twice = biller.post(f"/remittances/{waiting.id}/retry", form_key=key)
    work(program)

    assert first.status_code == twice.status_code == 303
    assert first.location == twice.location
    assert [one.id for one in remittances(office)] == [waiting.id]


def test_a_posted_payment_is_not_read_again(
    program: Program, office: Office, claim: ProfessionalClaim, biller: Browser
) -> None:
    take_in(program, biller, ("money.835", file_of(pays(answer(claim, *COPAY), trace="EFT1"))))
    (posted,) = remittances(office)

    answered = biller.post(f"/remittances/{posted.id}/retry")

    assert answered.location == f"/remittances/{posted.id}"
    with program.database.reading() as db:
        assert db.query(Errand).count() == 1


def test_files_that_are_something_else_are_kept_and_told_in_words(
    program: Program, office: Office, claim: ProfessionalClaim, biller: Browser
) -> None:
    claims = office.clearinghouse.received[0][1]

    told = words(take_in(program, biller, ("photo.jpg", b"\xff\xd8\xff\xe0"), ("claims.837", claims)))

    listed = biller.get("/remittances?tab=answers").text
    assert "It is no X12 file" in told
    assert "It is a claim file, not an answer to one" in told
    assert "Not an X12 file" in listed
    files = [biller.get(path) for path in sorted(set(re.findall(r"/remittances/files/\d+", listed)))]
    assert sorted(one.data for one in files) == sorted([claims, b"\xff\xd8\xff\xe0"])
    assert all(one.headers["Content-Disposition"].startswith("attachment") for one in files)


def test_nothing_chosen_is_told_at_the_field_and_asks_for_nothing(desk: Desk, biller: Browser) -> None:
    answered = send(biller, "/remittances")

    assert answered.status_code == 422
    assert "no file was chosen" in answered.text
    with desk.database.reading() as db:
        assert db.query(Errand).count() == 0


def test_an_empty_file_is_told_of_and_nothing_is_taken_in(desk: Desk, biller: Browser) -> None:
    answered = send(biller, "/remittances", ("empty.835", b""), ("other.835", b"ISA"))

    assert answered.status_code == 422
    assert "empty.835 is empty" in answered.text
    with desk.database.reading() as db:
        assert db.query(Errand).count() == 0


def test_sent_twice_files_are_taken_in_once(program: Program, office: Office, claim: ProfessionalClaim,
                                            biller: Browser) -> None:  # fmt: skip
    content = file_of(pays(answer(claim, *COPAY), trace="EFT1"))
    key = key_in(biller.get("/remittances").text)

    first = send(biller, "/remittances", ("money.835", content), form_key=key)
    second = send(biller, "/remittances", ("money.835", content), form_key=key)
    work(program)

    assert first.location == second.location
    assert len(remittances(office)) == 1
    assert isinstance(program.bell, MemoryBell)
    assert program.bell.rings == 1


def test_the_inbox_is_looked_into(program: Program, office: Office, claim: ProfessionalClaim, biller: Browser) -> None:
    folder = program.settings.data / "inbox"
    folder.mkdir()
    (folder / "money.835").write_bytes(file_of(pays(answer(claim, *COPAY), trace="EFT1")))

    asked = biller.post("/remittances/inbox")
    work(program)
    again = biller.post("/remittances/inbox")
    work(program)

    assert "EFT1 money.835 Posted" in words(biller.get(asked.location).text)
    assert "No new files" in biller.get(again.location).text
    assert (folder / "money.835").exists()


@pytest.mark.parametrize("tab", ["", "?tab=answers"])
def test_what_of_the_inbox_cannot_be_read_is_told_on_the_page(
    desk: Desk, program: Program, office: Office, biller: Browser, tab: str
) -> None:
    fine = biller.get(f"/remittances{tab}").text
    with clock.stopped_at(PAID_AT):
        note_troubles(
            desk.database,
            program.inbox.place,
            {"": "The server refuses our user.", "<b>.835": "It does not allow that."},
            is_whole=True,
        )

    told = biller.get(f"/remittances{tab}").text

    assert "Cannot be read" not in fine
    assert "The server refuses our user. Since" in words(told)
    assert "&lt;b&gt;.835</strong>: It does not allow that." in told


def test_where_answers_are_taken_from_is_told(program: Program, office: Office, biller: Browser) -> None:
    page = words(biller.get("/remittances").text)

    assert f"Answers and payments are taken from {program.inbox.place} by themselves" in page


def test_an_answer_about_cover_that_nobody_asked_for_is_shown_with_all_it_says(
    program: Program, office: Office, biller: Browser
) -> None:
    take_in(
        program,
        biller,
        ("strange.271", answer_of("HL*3*2*22*0", "NM1*IL*1*DOE*JO****MI*9", "EB*B**64***27*25").encode()),
    )

    address = re.search(r"/remittances/answers/\d+", biller.get("/remittances?tab=answers").text)

    assert address is not None
    page = words(biller.get(address[0]).text)
    assert "1 answer finds no question of yours and is put on file for nobody" in page
    assert "copay · acupuncture · $25.00" in page


def test_answers_are_listed_with_what_they_said_of_which_claims(
    program: Program, office: Office, claim: ProfessionalClaim, biller: Browser
) -> None:
    number = claim.control_number
    rejected = a277ca([(number, REJECTED)])

    told = words(take_in(program, biller, ("answers.277", rejected)))

    listed = biller.get("/remittances?tab=answers").text
    address = re.search(r"/remittances/answers/\d+", listed)
    assert address is not None
    page = words(biller.get(address[0]).text)
    assert "277CA: A3:33 returned, cannot be processed" in told
    assert "1 rejected" in words(listed)
    assert f"{number} Rejected A3:33" in page
    assert office.states() == [ClaimState.REJECTED]


def test_a_long_queue_and_a_long_list_go_on_by_pages(program: Program, office: Office, biller: Browser) -> None:
    claim = filed(office)
    take_in(program, biller, ("money.835", file_of(pays(answer(claim, *COPAY), trace="EFT1"))))
    (posted,) = remittances(office)

    def many(db: Db) -> None:
        for number in range(60):
            db.add(
                Remittance(
                    file_id=posted.file_id, ordinal=1, payment_key=f"K{number}", digest=f"{number}",
                    trace_number=f"TRN{number:03}", payer_name="Example Health", paid_on=DAY, method="ACH",
                    paid_cents=100, claims=1, state=RemittanceState.QUEUED, why="it does not balance", arithmetic="",
                    recorded_at=PAID_AT,
                )
            )  # fmt: skip

    office.write(many)

    first = biller.get("/remittances").text
    address = re.search(r"/remittances\?queued_before=\d+", first)
    assert address is not None
    second = biller.get(address[0]).text
    assert ("TRN059" in first, "TRN000" in first) == (True, False)
    assert ("TRN059" in second, "TRN000" in second) == (False, True)


@pytest.mark.parametrize("path", ["/remittances/4711", "/remittances/files/4711", "/remittances/answers/4711"])
def test_what_is_not_there_is_not_found(biller: Browser, path: str) -> None:
    assert biller.get(path).status_code == 404


def test_others_see_and_change_nothing(
    desk: Desk, program: Program, office: Office, claim: ProfessionalClaim, biller: Browser
) -> None:
    take_in(program, biller, ("off.835", file_of(pays(answer(claim, *COPAY), trace="EFT1", paid_cents=115_01))))
    (waiting,) = remittances(office)
    before = contents(desk.database, without="audit_entry")

    for user in (desk.cast.ben, desk.cast.fay):
        browser = desk.browser(user)
        seen = [browser.get(path).status_code for path in ("/remittances", f"/remittances/{waiting.id}")]
        done = [browser.post(path).status_code for path in ("/remittances/inbox", f"/remittances/{waiting.id}/retry")]
        sent = send(browser, "/remittances", ("money.835", b"ISA")).status_code
        assert (*seen, *done, sent) == (403,) * 5

    after = contents(desk.database, without="audit_entry")
    assert {name for name in after if after[name] != before[name]} == {"login"}
