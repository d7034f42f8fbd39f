"""Claims over a real SFTP server that fails in every way: counted at the far end, no file is there twice or by half."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from billing.adapters.clearinghouse_sftp import SftpClearinghouse
from billing.claims.filing.resolving import found, missed
from billing.claims.filing.sending import LEASE, filing_route, take
from billing.claims.lifecycle import ClaimEvent, ClaimState
from billing.claims.models import ClaimFile, FileState
from billing.database import Database
from billing.errors import NotDelivered
from tests.claims.answers.answer_texts import a999
from tests.claims.answers.hearing import HEARD_AT, hear
from tests.claims.office import BILLED_AT, Office, open_office
from tests.factories import DAY
from tests.sftp_server import SftpOnStage, running_sftp

READY, SENDING, SENT, UNKNOWN = ClaimState.READY, ClaimState.SENDING, ClaimState.SENT, ClaimState.UNKNOWN
LATER = BILLED_AT + LEASE + timedelta(seconds=1)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[SftpOnStage]:
    with running_sftp(tmp_path / "far") as running:
        yield running


@pytest.fixture
def office(database: Database, stage: SftpOnStage) -> Office:
    """An office that files over the line."""
    return replace(open_office(database), clearinghouse=SftpClearinghouse(stage.server(seconds=2), "claims"))


def only_file(office: Office) -> ClaimFile:
    with office.database.reading() as db:
        return db.scalars(sa.select(ClaimFile)).one()


def kept(office: Office) -> dict[str, bytes]:
    """The file as we keep it, by its name."""
    file = only_file(office)
    return {file.name: office.store.get(file.sha256)}


CERTAIN = {
    "refuses_login": True,
    "cuts_upload_after": 100,
    "full_after": 100,
    "cuts_before_rename": True,
    "refuses_rename": True,
}


@pytest.mark.parametrize("fault", CERTAIN)
def test_what_certainly_did_not_arrive_goes_again_with_the_same_bytes(
    office: Office, stage: SftpOnStage, fault: str
) -> None:
    session = office.visit()
    setattr(stage.faults, fault, CERTAIN[fault])
    report = office.bill()
    before = (stage.there(), office.states(), only_file(office).state)
    why = office.moves(office.claim(session))[-1]
    first_bytes = kept(office)

    setattr(stage.faults, fault, None if fault.endswith("after") else False)
    office.bill()

    assert before == ({}, [READY], FileState.PREPARED)
    assert (why.event, [why.why]) == (ClaimEvent.RETURNED, report["failures"])
    assert office.states() == [SENT]
    assert stage.there() == kept(office) == first_bytes


def test_a_cut_after_the_rename_is_looked_into_and_the_file_is_there_once(office: Office, stage: SftpOnStage) -> None:
    office.visit()
    stage.faults.cuts_after_rename = True

    office.bill()
    office.bill()

    assert office.states() == [SENT]
    assert (stage.there(), stage.uploads) == (kept(office), 1)


@pytest.mark.parametrize("fault", ["cuts_before_rename", "cuts_after_rename"])
def test_what_may_have_arrived_is_never_sent_again_by_itself(office: Office, stage: SftpOnStage, fault: str) -> None:
    office.visit()
    setattr(stage.faults, fault, True)
    stage.faults.answers_no_more = True
    office.bill()
    stage.faults.answers_no_more = stage.faults.refuses_login = False

    office.visit(DAY + timedelta(days=1))
    for day in range(3):
        office.bill(at=LATER + timedelta(days=day))

    assert office.states() == [UNKNOWN, SENT]
    assert stage.uploads == 2


def test_a_file_of_unknown_fate_is_found_by_the_answer_to_it(office: Office, stage: SftpOnStage) -> None:
    office.visit()
    stage.faults.takes_on = stage.faults.cuts_after_rename = True
    office.bill()
    before = office.states()

    hear(office, a999(only_file(office).control_number))
    office.bill(at=HEARD_AT)

    assert before == [UNKNOWN]
    assert office.states() == [SENT]
    assert [len(times) for times in stage.taken_on.values()] == [1]


def test_a_file_that_a_person_says_was_missed_is_sent_once_more_and_is_there_once(
    office: Office, stage: SftpOnStage
) -> None:
    session = office.visit()
    stage.faults.cuts_after_rename = stage.faults.answers_no_more = True
    office.bill()
    stage.faults.answers_no_more = stage.faults.refuses_login = False

    claim = office.claim(session)
    office.write(lambda db: missed(db, [claim.id], "user:3", "their portal has nothing", LATER))
    office.bill(at=LATER)

    assert office.states() == [SENT]
    assert (stage.there(), stage.uploads) == (kept(office), 1)


def test_a_process_that_died_after_the_delivery_leaves_one_file_and_an_unknown_claim(
    office: Office, stage: SftpOnStage
) -> None:
    session = office.visit()
    stage.faults.refuses_login = True
    office.bill()
    stage.faults.refuses_login = False
    with office.database.transaction() as db:
        (letter,) = take(db, 1, BILLED_AT, "command:bill")
    filing_route(office.store, office.clearinghouse).deliver(letter)

    office.bill(at=BILLED_AT + LEASE)
    within = office.states()
    office.bill(at=LATER)
    after = office.states()
    claim = office.claim(session)
    office.write(lambda db: found(db, [claim.id], "user:3", "their portal shows it", LATER))

    assert (within, after) == ([SENDING], [UNKNOWN])
    assert office.states() == [SENT]
    assert (stage.there(), stage.uploads) == (kept(office), 1)


def test_a_clearinghouse_that_is_away_for_long_loses_no_file(office: Office, stage: SftpOnStage) -> None:
    stage.faults.refuses_login = True
    for day in range(3):
        office.visit(DAY + timedelta(days=day))
        office.bill()
    waiting = office.states()

    stage.faults.refuses_login = False
    office.bill()

    assert waiting == [READY] * 3
    assert office.states() == [SENT] * 3
    assert len(stage.there()) == stage.uploads == 3


def test_a_file_of_another_system_under_our_name_is_left_alone(office: Office, stage: SftpOnStage) -> None:
    office.visit()
    stage.faults.refuses_login = True
    office.bill()
    stage.faults.refuses_login = False
    name = only_file(office).name
    (stage.folder / "claims" / name).write_bytes(b"somebody else's")

    report = office.bill()

    assert office.states() == [READY]
    assert stage.there() == {name: b"somebody else's"}
    assert "other content" in report["failures"][0]
    with pytest.raises(NotDelivered):
        office.clearinghouse.submit(name, b"ours")
