"""The round that asks payers, on what an installation names: a payer that answers at once, or files and the inbox."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from billing import clock
from billing.coverage.eligibility.lifecycle import QuestionState
from billing.coverage.eligibility.models import EligibilityQuestion
from billing.database import Database
from billing.operations.eligibility.asking_payers import ask_payers
from billing.operations.fetching import fetch_answers
from billing.settings import Settings, settings_from
from billing.wiring import Program
from tests.operations.eligibility.stage import AT, set_stage
from tests.operations.eligibility.test_planning import booked


def program_of(database: Database, folder: Path, clearinghouse: str) -> Program:
    url = database.url.render_as_string(hide_password=False)
    settings = {"MERIDIAN_DATA": str(folder), "MERIDIAN_DATABASE_URL": url, "MERIDIAN_CLEARINGHOUSE": clearinghouse}
    made = Program(settings_from(settings))
    made.database = database
    return made


def states(database: Database) -> list[QuestionState]:
    with database.reading() as db:
        return list(db.scalars(select(EligibilityQuestion.state).order_by(EligibilityQuestion.id)))


def test_the_sandbox_payer_answers_at_once(database: Database, tmp_path: Path) -> None:
    stage = set_stage(database)
    booked(stage)
    program = program_of(database, tmp_path, "sandbox")

    with clock.stopped_at(AT):
        ask_payers(program.means, program.eligibility_line)

    assert states(database) in ([QuestionState.ANSWERED], [QuestionState.REJECTED])
    assert [one.question_id for one in stage.answers()] == [1]


def test_before_there_is_a_clinic_nobody_is_asked_and_nothing_fails(database: Database, tmp_path: Path) -> None:
    program = program_of(database, tmp_path, "sandbox")

    assert ask_payers(program.means, program.eligibility_line) == []


def test_without_a_line_the_questions_lie_as_a_file_beside_the_claims(database: Database, tmp_path: Path) -> None:
    stage = set_stage(database)
    stage.ask()
    program = program_of(database, tmp_path, "folder")

    with clock.stopped_at(AT):
        ask_payers(program.means, program.eligibility_line)

    (file,) = program.settings.outbox.rglob("*.270")
    assert program.eligibility_line is None
    assert b"EQ*64~" in file.read_bytes()
    assert states(database) == [QuestionState.SENT]


def test_a_file_that_the_sandbox_answers_comes_back_through_the_inbox(database: Database, tmp_path: Path) -> None:
    stage = set_stage(database)
    stage.ask()
    program = program_of(database, tmp_path, "sandbox")

    with clock.stopped_at(AT):
        ask_payers(program.means, None)
        fetch_answers(program.means)

    assert len(stage.answers()) == 1
    assert states(database) in ([QuestionState.ANSWERED], [QuestionState.REJECTED])


@pytest.mark.parametrize(
    ("chosen", "by_rules"),
    [
        ({}, False),
        ({"clearinghouse": "sandbox"}, True),
        ({"clearinghouse": "sandbox", "eligibility": "by_hand"}, False),
        ({"eligibility": "rules"}, True),
    ],
)
def test_who_has_payers_asked_is_a_setting(chosen: dict[str, str], by_rules: bool) -> None:
    assert Settings(**chosen).asks_by_rules is by_rules


def test_where_only_people_ask_no_rule_does(database: Database, tmp_path: Path) -> None:
    stage = set_stage(database)
    booked(stage)
    program = program_of(database, tmp_path, "folder")

    with clock.stopped_at(AT):
        ask_payers(program.means, program.eligibility_line, by_rules=False)

    assert states(database) == []
