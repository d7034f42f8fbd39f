"""What was asked and answered is never changed behind anybody's back."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from billing.coverage.eligibility.lifecycle import OPEN, QUESTION, QuestionEvent, QuestionState
from billing.coverage.eligibility.models import EligibilityAnswer, EligibilityMove, EligibilityOverride
from billing.coverage.eligibility.reading.facts import FactKind
from billing.database import Database
from billing.edi.eligibility_271.answer import Benefit as Row
from billing.errors import Refused
from billing.operations.eligibility.overruling import overrule
from tests.operations.eligibility.stage import AT, BY, set_stage


@pytest.mark.parametrize("table", [EligibilityMove, EligibilityAnswer, EligibilityOverride])
@pytest.mark.parametrize("change", [sa.delete, lambda table: sa.update(table).values(id=table.id + 1000)])
def test_rows_of_history_can_neither_be_changed_nor_deleted(database: Database, table, change) -> None:
    stage = set_stage(database)
    stage.check(Row("1", "", ("64",)), Row("B", "", ("64",), cents=100))
    with stage.database.transaction() as db:
        overrule(db, stage.answers()[0].id, FactKind.COPAY, 200, "The card says so.", by=BY, at=AT)

    with pytest.raises(sa.exc.DatabaseError), stage.database.transaction() as db:
        db.execute(change(table))

    with stage.database.reading() as db:
        assert db.scalars(sa.select(table)).all()


def test_no_question_is_ever_sent_again_once_its_fate_is_unknown() -> None:
    for event in (QuestionEvent.TAKEN, QuestionEvent.RETURNED):
        with pytest.raises(Refused):
            QUESTION.after(QuestionState.UNKNOWN, event)


def test_an_answer_that_turns_up_counts_whatever_was_thought_of_its_question() -> None:
    for state in (QuestionState.SENDING, QuestionState.SENT, QuestionState.UNKNOWN, QuestionState.REJECTED):
        assert QUESTION.after(state, QuestionEvent.ANSWERED) is QuestionState.ANSWERED


def test_only_states_in_which_somebody_may_still_answer_are_open() -> None:
    assert all(
        QUESTION.allows(state, QuestionEvent.ANSWERED) or QUESTION.allows(state, QuestionEvent.TAKEN) for state in OPEN
    )
