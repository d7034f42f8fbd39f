"""Pain scores as the gate wants them: by day, and with which session each was taken."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from sqlalchemy import select

from billing.database import Db
from billing.sessions.charting import ChartContent, score_source
from billing.sessions.models import ClinicSession
from billing.treatment.models import Measure, OutcomeScore


def pain_scores_of(
    db: Db, patient_ids: Sequence[int], sessions: Iterable[ClinicSession], typed: Mapping[int, ChartContent]
) -> tuple[dict[int, dict[date, int]], dict[int, int]]:
    """The last score of each patient and day, and the score taken with each session."""
    rows = db.execute(
        select(OutcomeScore.patient_id, OutcomeScore.measured_on, OutcomeScore.value, OutcomeScore.source)
        .where(OutcomeScore.patient_id.in_(patient_ids), OutcomeScore.measure == Measure.NRS_PAIN)
        .order_by(OutcomeScore.measured_on, OutcomeScore.id)
    )
    session_of = {score_source(one.id): one.id for one in sessions}
    grouped: dict[int, dict[date, int]] = defaultdict(dict)
    taken: dict[int, int] = {}
    for patient_id, measured_on, value, source in rows:
        session_id = session_of.get(source, 0)
        if session_id not in typed:
            grouped[patient_id][measured_on] = value
            if session_id:
                taken[session_id] = value
    for one in sessions:
        if one.id in typed and (pain := typed[one.id].pain) is not None:
            grouped[one.patient_id][one.service_on] = taken[one.id] = pain
    return grouped, taken
