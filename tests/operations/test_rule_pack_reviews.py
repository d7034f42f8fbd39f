"""The doctor tells which rules of payers should have been compared with their source by now."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from billing import clock
from billing.coverage.models import RulePack
from billing.coverage.rules.shelf import shipped
from billing.database import Database
from billing.operations.rule_pack_reviews import rule_pack_problems
from billing.payers.models import PayerKind
from tests.factories import NOW, a_physician, set_scene

MEDICARE = shipped()["medicare-ncd-30-3-3"]
DUE = datetime.combine(MEDICARE.latest.review_by, datetime.min.time(), UTC) + timedelta(hours=20)


def test_rules_that_judge_somebody_and_whose_review_is_due_are_told_and_no_others(database: Database) -> None:
    with database.transaction() as db:
        payer = set_scene(db, PayerKind.MEDICARE, a_physician()).payer

    with clock.stopped_at(DUE - timedelta(days=2)), database.reading() as db:
        before = rule_pack_problems(db)
    with clock.stopped_at(DUE), database.reading() as db:
        due = rule_pack_problems(db)

    assert before == []
    assert [one.rule for one in due] == ["rule_pack.review_due"]
    assert MEDICARE.name in due[0].why
    assert payer.name in due[0].why
    assert MEDICARE.latest.source in due[0].fix


def test_an_own_pack_that_cannot_be_read_any_more_is_told(database: Database) -> None:
    with database.transaction() as db:
        set_scene(db)
        db.add(RulePack(key="old", version=1, text="key = ", by="user:1", at=NOW))

    with clock.stopped_at(NOW), database.reading() as db:
        [problem] = rule_pack_problems(db)

    assert (problem.rule, "old" in problem.why) == ("rule_pack.unreadable", True)


def test_before_there_is_a_clinic_nothing_is_due(database: Database) -> None:
    with database.reading() as db:
        assert rule_pack_problems(db) == []
