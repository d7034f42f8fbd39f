"""Files of answers are kept whatever they hold, taken in whole or not at all, and reported one answer at a time."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from billing import clock
from billing.adapters.memory import MemoryStore
from billing.audit.models import AuditEntry
from billing.claims.lifecycle import ClaimEvent, ClaimState
from billing.claims.models import ClaimAnswer, ClaimMove
from billing.claims.moving import move
from billing.database import Database
from billing.documents.models import Document, ReceivedFile
from billing.documents.receiving import OWNER_KIND
from billing.errors import NotDelivered
from billing.operations.answers import as_text, is_left_for_a_person, read_answers
from tests.claims.answers.answer_texts import REJECTED, a277ca, a999, group, interchange, stc, ta1
from tests.claims.answers.hearing import HEARD_AT, file_claims
from tests.claims.office import Office, open_office
from tests.operations.inbox import put, rows

Report = dict[str, Any]


@pytest.fixture
def office(database: Database) -> Office:
    return open_office(database)


def read(office: Office, *files: Path) -> Report:
    with clock.stopped_at(HEARD_AT):
        return read_answers(office.database, office.store, files)


def test_the_report_says_of_each_answer_which_claim_it_found_and_why_it_stands_where_it_does(
    office: Office, inbox: Path
) -> None:
    first, second = file_claims(office, 2)
    good = put(inbox, "good.277", a277ca([(first, stc("A2:20"))]))
    bad = put(inbox, "bad.277", a277ca([(second, REJECTED), ("ELSE", REJECTED)], reference="CA-2"))

    report = read(office, good, bad)

    assert report == {
        "matched": [
            {"file": "good.277", "kind": "277CA", "claim": first, "state": "accepted",
             "why": "A2:20 accepted for adjudication: accepted for processing"},
            {"file": "bad.277", "kind": "277CA", "claim": second, "state": "rejected",
             "why": "A3:33 returned, cannot be processed: subscriber and member number not found"},
        ],
        "unmatched": [
            {"file": "bad.277", "kind": "277CA",
             "why": "There is no claim ELSE here. If another system filed it, give the answer to that one."},
        ],
    }  # fmt: skip


def test_a_report_is_left_for_a_person_when_something_is_unmatched_or_rejected(office: Office, inbox: Path) -> None:
    first, second = file_claims(office, 2)
    fine = put(inbox, "fine", a999(1) + a277ca([(first, stc("A2:20"))]))
    refused = put(inbox, "refused", a277ca([(second, REJECTED)], reference="CA-2"))
    strange = put(inbox, "strange", a277ca([("ELSE", stc("A2:20"))]))

    assert [is_left_for_a_person(read(office, one)) for one in (fine, refused, strange)] == [False, True, True]


def test_a_rejection_that_came_too_late_leaves_nothing_to_do(office: Office, inbox: Path) -> None:
    (name,) = file_claims(office)
    read(office, put(inbox, "good", a277ca([(name, stc("A2:20"))])))

    assert not is_left_for_a_person(read(office, put(inbox, "late", a999(1, "R*5", "R"))))


def test_a_replaced_claim_that_is_accepted_after_all_is_left_for_a_person_as_often_as_it_is_said(
    office: Office, inbox: Path
) -> None:
    (name,) = file_claims(office)
    read(office, put(inbox, "bad", a277ca([(name, REJECTED)])))
    office.bill(refile=[name])
    late = put(inbox, "late", a277ca([(name, stc("A2:20"))], reference="CA-2"))

    first, second = read(office, late), read(office, late)

    assert [is_left_for_a_person(one) for one in (first, second)] == [True, True]
    assert [len(one["unmatched"]) for one in (first, second)] == [1, 1]
    assert f"late: UNMATCHED 277CA. Claim {name}: A2:20 accepted" in as_text(first)


def test_the_report_for_people_has_a_line_for_each_answer(office: Office, inbox: Path) -> None:
    (name,) = file_claims(office)

    lines = as_text(read(office, put(inbox, "a.277", a277ca([(name, REJECTED), ("ELSE", REJECTED)])))).splitlines()

    assert lines[0].startswith(f"a.277: claim {name} is rejected. 277CA A3:33 ")
    assert lines[1].startswith("a.277: UNMATCHED 277CA. There is no claim ELSE here.")
    assert lines[2] == "1 answers matched, 1 unmatched."
    assert lines[3].startswith("Rejected claims: 1. No payer has judged them")
    assert lines[4].endswith("meridian bill --refile NUMBER")


def test_what_is_said_alike_of_many_claims_is_one_line_and_all_that_are_rejected_are_named_last(
    office: Office, inbox: Path
) -> None:
    names = file_claims(office, 9)
    refused = put(inbox, "refused", a277ca([(name, REJECTED) for name in names[:4]]))

    lines = as_text(read(office, refused, put(inbox, "fine", a999(1)))).splitlines()

    assert lines[0] == f"fine: 5 claims are sent ({', '.join(names[4:7])} and 2 more). 999 A file accepted"
    assert lines[1].startswith(f"refused: 4 claims are rejected ({', '.join(names[:4])}). 277CA A3:33 ")
    assert lines[2].startswith(f"fine: 4 claims are rejected ({', '.join(names[:4])}). 999 A file accepted")
    assert lines[4].startswith("Rejected claims: 4. ")


def test_what_is_unmatched_alike_is_one_line_for_people(office: Office, inbox: Path) -> None:
    content = b"".join(a999(7, number=number) for number in range(1, 313))

    lines = as_text(read(office, put(inbox, "many", content))).splitlines()

    assert lines[0].startswith("many: UNMATCHED 999, 312 times. There is no claim file 7 here.")
    assert lines[1] == "0 answers matched, 312 unmatched."


def test_when_all_is_well_nothing_is_left_to_do(office: Office, inbox: Path) -> None:
    file_claims(office)

    assert as_text(read(office, put(inbox, "a", a999(1)))).splitlines()[1:] == ["1 answers matched, 0 unmatched."]


def test_a_file_is_kept_under_its_hash_and_named_by_its_kind(office: Office, inbox: Path) -> None:
    (name,) = file_claims(office)
    content = a277ca([(name, stc("A2:20"))])

    read(office, put(inbox, "a.277", content))

    (file,) = rows(office, ReceivedFile)
    paper = rows(office, Document)[-1]
    assert (file.file_name, file.size, file.received_at) == ("a.277", len(content), HEARD_AT)
    assert (paper.owner_kind, paper.owner_id, paper.kind) == (OWNER_KIND, file.id, "277CA")
    assert office.store.get(file.sha256) == content
    assert [one.file_id for one in rows(office, ClaimAnswer)] == [file.id]


@pytest.mark.parametrize(
    ("content", "kind", "words"),
    [
        (b"", "unknown", "empty"),
        (b"%PDF-1.7 \x00\xff\xfe", "unknown", "no X12"),
        (a999(1)[:-60], "999", "cut off"),
        (interchange(group("HB", [("271", "005010X279A1", "BHT*0022*11*1*20260401*0800~\n")])), "271", "eligibility"),
        (interchange(group("HP", [("835", "005010X221A1", "BPR*I*0*C*NON~\n")])), "835", "meridian remit"),
    ],
    ids=["empty", "binary", "cut off", "271", "835"],
)
def test_what_answers_nothing_is_told_and_kept_all_the_same(
    office: Office, inbox: Path, content: bytes, kind: str, words: str
) -> None:
    file_claims(office)

    report = read(office, put(inbox, "strange", content))

    (one,) = report["unmatched"]
    assert (report["matched"], one["file"], one["kind"]) == ([], "strange", kind)
    assert words in one["why"]
    (file,) = rows(office, ReceivedFile)
    assert office.store.get(file.sha256) == content
    assert rows(office, Document)[-1].kind == kind
    assert office.states() == [ClaimState.SENT]


def test_one_strange_file_holds_up_no_other(office: Office, inbox: Path) -> None:
    (name,) = file_claims(office)
    files = [put(inbox, "1", b"\x00"), inbox, put(inbox, "2", a277ca([(name, stc("A2:20"))]))]

    report = read(office, *files)

    assert [one["file"] for one in report["unmatched"]] == ["1", "inbox"]
    assert "cannot be read" in report["unmatched"][1]["why"]
    assert office.states() == [ClaimState.ACCEPTED]


def test_an_answer_full_of_what_no_database_takes_is_read_without_it(office: Office, inbox: Path) -> None:
    (name,) = file_claims(office)
    said = stc("A2:2\x000", message="FI\x00NE") + "REF*1K*\x001~\n"
    content = ta1(1, "R", "0\x0025") + a999(1) + a277ca([(f"{name}\x00", said)], reference="CA\x001")

    report = read(office, put(inbox, "a", content), put(inbox, "b", content.replace(b"ST*277*", b"ST*\x0077*")))

    assert office.states() == [ClaimState.ACCEPTED]
    assert [(one["kind"], one["claim"]) for one in report["matched"][:3]] == [
        ("TA1", name), ("999", name), ("277CA", name),
    ]  # fmt: skip
    assert report["matched"][2]["why"].startswith("A2:20 accepted for adjudication: ")
    assert report["matched"][2]["why"].endswith("(FINE)")


def test_the_same_file_again_changes_nothing_and_is_told_again(office: Office, inbox: Path) -> None:
    (name,) = file_claims(office)
    first = put(inbox, "a", a999(1) + a277ca([(name, REJECTED)]))
    report = read(office, first)
    before = [len(rows(office, table)) for table in (ClaimAnswer, ClaimMove, ReceivedFile, Document)]

    again = read(office, put(inbox, "b", first.read_bytes()))

    assert [len(rows(office, table)) for table in (ClaimAnswer, ClaimMove, ReceivedFile, Document)] == before
    assert [(one["claim"], one["state"]) for one in again["matched"]] == [
        (one["claim"], one["state"]) for one in report["matched"]
    ]
    assert is_left_for_a_person(again)


def test_every_reading_of_a_file_is_in_the_audit_trail_without_a_name_of_its_own(office: Office, inbox: Path) -> None:
    (name,) = file_claims(office)
    path = put(inbox, "jo-doe.277", a277ca([(name, stc("A2:20")), ("ELSE", REJECTED)]))

    read(office, path, path)

    entries = [one for one in rows(office, AuditEntry) if one.action == "answers read"]
    assert [(one.actor_kind, one.actor_id, one.subject_kind) for one in entries] == [
        ("command", "answers", "received_file")
    ] * 2
    assert [one.detail for one in entries] == [
        {"kind": "277CA", "new": True, "matched": 1, "unmatched": 1},
        {"kind": "277CA", "new": False, "matched": 1, "unmatched": 1},
    ]


def test_a_file_that_cannot_be_kept_is_not_taken_in(office: Office, inbox: Path) -> None:
    (name,) = file_claims(office)
    path = put(inbox, "a", a277ca([(name, REJECTED)]))
    office.store.failure = NotDelivered("The disk is full.")

    report = read(office, path)

    assert report["matched"] == []
    assert report["unmatched"][0]["why"] == "The disk is full. Nothing of this file was taken in; give it again."
    assert (rows(office, ReceivedFile), rows(office, ClaimAnswer), office.states()) == ([], [], [ClaimState.SENT])


def test_files_can_be_answered_before_there_is_a_clinic(database: Database, inbox: Path) -> None:
    files = [put(inbox, "a", a277ca([("MER0000001", stc("A2:20"))])), put(inbox, "b", ta1(1))]

    report = read_answers(database, MemoryStore(), files)

    assert (len(report["matched"]), len(report["unmatched"])) == (0, 2)


@contextmanager
def a_payment_under_way(office: Office) -> Iterator[None]:
    """Another process has decided the first claim and is about to commit."""
    (claim,) = office.claims()
    with office.database.transaction() as db:
        move(db, [claim.id], claim.state, ClaimEvent.PAID, by="command:remit", why="a test", at=HEARD_AT)
        yield


def wait_until_it_waits(database: Database, thread: threading.Thread) -> None:
    """Until the thread's transaction wants what another holds."""
    waiting = sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    with database.engine.connect() as connection:
        while thread.is_alive() and not connection.scalar(waiting):
            connection.rollback()


def test_a_claim_that_is_decided_meanwhile_is_weighed_anew(postgresql_database: Database, inbox: Path) -> None:
    office = open_office(postgresql_database)
    (name,) = file_claims(office)
    path, reports = put(inbox, "a", a277ca([(name, stc("A2:20"))])), []
    reading = threading.Thread(target=lambda: reports.append(read(office, path)))

    with a_payment_under_way(office):
        reading.start()
        wait_until_it_waits(postgresql_database, reading)
    reading.join()

    assert [one["state"] for one in reports[0]["matched"]] == ["paid"]
    assert office.states() == [ClaimState.PAID]
    assert len(rows(office, ClaimAnswer)) == len(rows(office, ReceivedFile)) == 1
