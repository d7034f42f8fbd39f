"""Everything on file around some answers, gathered in a fixed number of queries however many they are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from billing.claims.decided_visits import decided_days
from billing.coverage.eligibility.asking import insured_of
from billing.coverage.eligibility.lifecycle import QuestionState
from billing.coverage.eligibility.models import EligibilityOverride, EligibilityQuestion
from billing.coverage.eligibility.moving import held
from billing.coverage.eligibility.overriding import overrides_of
from billing.coverage.eligibility.posing import Insured
from billing.coverage.eligibility.reading.facts import FactKind
from billing.coverage.models import Benefit
from billing.database import Db
from billing.edi.eligibility_271.answer import EligibilityAnswer
from billing.many_rows import among
from billing.operations.eligibility.judging import Known
from billing.practitioners.models import Enrolment, Network

_LONGEST_TRACE = 50


@dataclass(slots=True)
class Desk:
    """What answers may be about."""

    by_trace: Mapping[str, EligibilityQuestion]
    insured: Mapping[int, Insured]
    """By policy."""
    networks: Mapping[int, Sequence[Enrolment]]
    """By payer."""
    benefits: dict[tuple[int, int], Benefit]
    """By patient and payer."""
    overrides: dict[int, dict[FactKind, EligibilityOverride]]
    """By policy."""
    newest: dict[int, int]
    """The newest answered question, by policy."""
    decided: Mapping[tuple[int, int], Mapping[date, date]]
    """Days of visits the payer has paid for, with the day on which it first decided each, by patient and payer."""

    def question_of(self, answer: EligibilityAnswer) -> EligibilityQuestion | None:
        """The question of ours that an answer repeats the trace of."""
        found = (self.by_trace.get(trace.number.strip()) for trace in answer.traces)
        return next((one for one in found if one is not None), None)

    def known(self, question: EligibilityQuestion) -> Known:
        """What is on file around a question."""
        insured = self.insured[question.policy_id]
        pair = (insured.patient.id, insured.payer.id)
        standing = self.overrides.get(question.policy_id, {})
        return Known(
            question=question,
            insured=insured,
            networks=self._networks(insured.payer.id, question.about_on),
            benefit=self.benefits.get(pair),
            overrides={fact: (one.value.get("value"), one.value.get("said")) for fact, one in standing.items()},
            newest_asked=self.newest.get(question.policy_id, 0),
            decided_days=self.decided.get(pair, {}),
        )

    def _networks(self, payer_id: int, on: date) -> list[Network]:
        return [
            one.network
            for one in self.networks.get(payer_id, ())
            if one.effective_from <= on and (one.effective_to is None or on <= one.effective_to)
        ]


def desk_for(db: Db, answers: Iterable[EligibilityAnswer]) -> Desk:
    """What these answers may be about; their questions are held until this transaction ends."""
    traces = {trace.number.strip()[:_LONGEST_TRACE] for answer in answers for trace in answer.traces}
    ids = db.scalars(select(EligibilityQuestion.id).where(among(db, EligibilityQuestion.trace, sorted(traces)))).all()
    return desk_around(db, list(held(db, ids).values()))


def desk_around(db: Db, questions: Sequence[EligibilityQuestion]) -> Desk:
    """What is on file around these questions."""
    policy_ids = sorted({one.policy_id for one in questions})
    patient_ids = sorted({one.patient_id for one in questions})
    payer_ids = sorted({one.payer_id for one in questions})
    return Desk(
        by_trace={one.trace: one for one in questions},
        insured=insured_of(db, policy_ids) if policy_ids else {},
        networks=_enrolments(db, payer_ids),
        benefits={(one.patient_id, one.payer_id): one for one in _benefits(db, patient_ids)},
        overrides=overrides_of(db, policy_ids) if policy_ids else {},
        newest=_newest(db, policy_ids),
        decided=decided_days(db, patient_ids),
    )


def _enrolments(db: Db, payer_ids: Collection[int]) -> dict[int, list[Enrolment]]:
    found: dict[int, list[Enrolment]] = defaultdict(list)
    if payer_ids:
        for one in db.scalars(select(Enrolment).where(Enrolment.payer_id.in_(payer_ids))):
            found[one.payer_id].append(one)
    return found


def _benefits(db: Db, patient_ids: Collection[int]) -> Iterable[Benefit]:
    if not patient_ids:
        return ()
    of_patients = select(Benefit).where(among(db, Benefit.patient_id, patient_ids)).order_by(Benefit.id)
    return db.scalars(of_patients.with_for_update().execution_options(populate_existing=True))


def _newest(db: Db, policy_ids: Collection[int]) -> dict[int, int]:
    if not policy_ids:
        return {}
    rows = db.execute(
        select(EligibilityQuestion.policy_id, func.max(EligibilityQuestion.id))
        .where(
            among(db, EligibilityQuestion.policy_id, policy_ids),
            EligibilityQuestion.state == QuestionState.ANSWERED,
        )
        .group_by(EligibilityQuestion.policy_id)
    )
    return dict(rows.all())
