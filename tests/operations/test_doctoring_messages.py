"""What is wrong with the ways to patients is said with what to do about it."""

from __future__ import annotations

from datetime import timedelta

from billing.database import Database
from billing.errors import NotDelivered, OutcomeUnknown, Severity
from billing.operations.doctoring import clinic_problems, way_out_problems
from tests.reminders.stage import LONG_BEFORE, open_stage


def test_a_way_out_that_is_closed_is_told_and_hides_no_other() -> None:
    tried: list[str] = []

    def closed() -> None:
        tried.append("e-mail")
        raise NotDelivered("The mail server cannot be reached: Connection refused.")

    def is_open() -> None:
        tried.append("text message")

    (problem,) = way_out_problems({"e-mail": closed, "text message": is_open})

    assert tried == ["e-mail", "text message"]
    assert (problem.rule, problem.severity) == ("messages.no_way_out", Severity.BLOCK)
    assert "No e-mail can be sent. The mail server cannot be reached" in problem.why


def test_messages_of_unknown_fate_wait_for_a_person(database: Database) -> None:
    stage = open_stage(database)
    stage.session(stage.patient())
    stage.plan()
    stage.texts.may_repeat = False
    stage.texts.failure = OutcomeUnknown("the line went dead")
    stage.send(LONG_BEFORE + timedelta(days=6, hours=20))

    with database.reading() as db:
        problems = clinic_problems(db)

    (problem,) = [one for one in problems if one.rule == "messages.unknown"]
    assert problem.severity is Severity.WARN
    assert "Reminders, tab Unknown" in problem.fix
