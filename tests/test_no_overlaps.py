"""The database itself lets no practitioner, room or patient be planned twice at a time, by whatever client."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from billing.database import Database, Db
from billing.errors import Conflict, Refused
from billing.sessions.booking import book
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import ClinicSession
from tests.factories import DAY, a_session, make_patient, make_practitioner, make_room, moment
from tests.sessions.booked import FAY, MORNING, Front, open_front


@dataclass(frozen=True, slots=True)
class Stage:
    """Two patients, two practitioners and two rooms, by number."""

    patients: tuple[int, int]
    practitioners: tuple[int, int]
    rooms: tuple[int, int]

    def row(self, start: str = "09:00", who: str = "000", **changes: Any) -> dict[str, Any]:
        """An hour, half of it contact; ``who`` says which patient, practitioner and room it takes."""
        patient, practitioner, room = (int(one) for one in who)
        cells: dict[str, Any] = {
            "patient_id": self.patients[patient], "practitioner_id": self.practitioners[practitioner],
            "room_id": self.rooms[room], "service_on": DAY, "starts_at": moment(DAY, start), "minutes": 60,
            "contact_minutes": 30, "state": SessionState.BOOKED, "bill_to": "self", "place_of_service": "11",
            "acupuncture_modifiers": [],
        }  # fmt: skip
        return {**cells, **changes}


def stage(db: Db) -> Stage:
    return Stage(
        (make_patient(db).id, make_patient(db).id),
        (make_practitioner(db).id, make_practitioner(db).id),
        (make_room(db, "Alder").id, make_room(db, "Birch").id),
    )


def insert(db: Db, row: dict[str, Any]) -> None:
    """As a client that asks nobody."""
    db.execute(sa.insert(ClinicSession.__table__).values(row))


def refused_by(database: Database, rows: list[dict[str, Any]]) -> str:
    """Which of the laws refuses the last of these rows; the earlier ones must go in."""
    with database.transaction() as db:
        for row in rows[:-1]:
            insert(db, row)
    with pytest.raises(sa.exc.IntegrityError) as refused, database.transaction() as db:
        insert(db, rows[-1])
    said = str(refused.value.orig)
    return next(of for of in ("practitioner", "patient", "room") if f"_{of}" in said or f"the {of} is taken" in said)


@pytest.mark.parametrize(
    ("start", "who", "of"),
    [("09:29", "101", "practitioner"), ("09:59", "110", "room"), ("09:59", "011", "patient")],
)
def test_what_overlaps_is_refused(database: Database, start: str, who: str, of: str) -> None:
    with database.transaction() as db:
        here = stage(db)

    assert refused_by(database, [here.row("09:00"), here.row(start, who)]) == of


@pytest.mark.parametrize(("start", "who"), [("09:30", "101"), ("10:00", "110"), ("10:00", "011"), ("09:00", "111")])
def test_what_only_touches_goes_in(database: Database, start: str, who: str) -> None:
    with database.transaction() as db:
        here = stage(db)
        insert(db, here.row("09:00"))
        insert(db, here.row(start, who))

        assert db.scalar(sa.select(sa.func.count()).select_from(ClinicSession)) == 2


@pytest.mark.parametrize(
    "outside",
    [
        {"contact_minutes": None},
        {"state": SessionState.CANCELLED},
        {"state": SessionState.NO_SHOW},
        {"state": SessionState.SIGNED, "signed_at": moment(DAY, "18:00")},
    ],
    ids=["of the old system", "cancelled", "missed", "signed"],
)
def test_what_is_not_planned_is_outside_the_law(database: Database, outside: dict[str, Any]) -> None:
    with database.transaction() as db:
        here = stage(db)
        insert(db, here.row("09:00", **outside))
        insert(db, here.row("09:00"))

        assert db.scalar(sa.select(sa.func.count()).select_from(ClinicSession)) == 2


@pytest.mark.parametrize(
    "change",
    [
        {"starts_at": moment(DAY, "09:10")},
        {"minutes": 90, "starts_at": moment(DAY, "08:00")},
        {"contact_minutes": 90, "minutes": 90, "starts_at": moment(DAY, "08:00")},
    ],
)
def test_what_is_moved_or_made_longer_into_another_is_refused(database: Database, change: dict[str, Any]) -> None:
    with database.transaction() as db:
        here = stage(db)
        insert(db, here.row("09:00"))
        insert(db, here.row("12:00", external_id="moved"))

    with pytest.raises(sa.exc.IntegrityError), database.transaction() as db:
        db.execute(sa.update(ClinicSession).where(ClinicSession.external_id == "moved").values(change))


@pytest.mark.parametrize("state", [SessionState.CANCELLED, SessionState.NO_SHOW])
def test_what_comes_back_into_the_calendar_comes_under_the_law(database: Database, state: SessionState) -> None:
    with database.transaction() as db:
        here = stage(db)
        insert(db, here.row("09:00"))
        insert(db, here.row("09:00", external_id="back", state=state))

    with pytest.raises(sa.exc.IntegrityError), database.transaction() as db:
        back = sa.update(ClinicSession).where(ClinicSession.external_id == "back")
        db.execute(back.values(state=SessionState.BOOKED))


def test_what_runs_past_midnight_is_seen_on_the_next_day(database: Database) -> None:
    with database.transaction() as db:
        here = stage(db)
    next_day = DAY + timedelta(days=1)
    early = {"service_on": next_day, "starts_at": moment(next_day, "00:10")}

    assert refused_by(database, [here.row("23:30"), here.row("00:10", "110", **early)]) == "room"


def test_of_two_who_write_at_the_same_time_without_asking_one_is_refused(postgresql_database: Database) -> None:
    with postgresql_database.transaction() as db:
        here = stage(db)
    written, may_end = threading.Event(), threading.Event()
    refused: list[Exception] = []

    def first() -> None:
        with postgresql_database.transaction() as db:
            insert(db, here.row("09:00"))
            written.set()
            may_end.wait(10)

    def second() -> None:
        written.wait(10)
        try:
            with postgresql_database.transaction() as db:
                may_end.set()
                insert(db, here.row("09:15", "110"))
        except sa.exc.IntegrityError as error:
            refused.append(error)

    both = [threading.Thread(target=first), threading.Thread(target=second)]
    for one in both:
        one.start()
    for one in both:
        one.join(20)

    with postgresql_database.reading() as db:
        assert db.scalar(sa.select(sa.func.count()).select_from(ClinicSession)) == 1
    assert len(refused) == 1


def test_two_desks_that_book_the_same_slot_at_the_same_time_get_it_once(database: Database) -> None:
    with database.transaction() as db:
        front = open_front(db)
    at_once = threading.Barrier(2)
    outcomes: list[str] = []

    def desk(patient_id: int) -> None:
        at_once.wait(10)
        try:
            with database.transaction() as db:
                book(db, patient_id, front.slot(), by=FAY, at=MORNING)
            outcomes.append("booked")
        except Refused as refused:
            outcomes.append(refused.problems[0].rule)

    both = [threading.Thread(target=desk, args=(one.id,)) for one in (front.scene.patient, front.other)]
    for one in both:
        one.start()
    for one in both:
        one.join(20)

    assert sorted(outcomes) == ["booked", "booking.practitioner_taken"]


def test_a_slot_taken_by_somebody_who_did_not_ask_is_a_conflict_in_words(postgresql_database: Database) -> None:
    with postgresql_database.transaction() as db:
        front: Front = open_front(db)
    written, asked = threading.Event(), threading.Event()

    def unasked() -> None:
        with postgresql_database.transaction() as db:
            db.add(
                a_session(
                    front.other, front.scene.practitioner, state=SessionState.BOOKED, room_id=None, contact_minutes=30
                )
            )
            db.flush()
            written.set()
            asked.wait(10)

    def release_whoever_waits() -> None:
        waits = sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted")
        for _ in range(500):
            with postgresql_database.reading() as db:
                if db.scalar(waits):
                    break
            asked.wait(0.02)
        asked.set()

    both = [threading.Thread(target=one) for one in (unasked, release_whoever_waits)]
    both[0].start()
    written.wait(10)
    both[1].start()

    with pytest.raises(Conflict, match="has just taken that time"), postgresql_database.transaction() as db:
        front.book(db)

    for one in both:
        one.join(20)
