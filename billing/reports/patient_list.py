"""The clinic's patients, page by page: those seen lately, those registered last, or all by name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy import case, func, select

from billing.coverage.models import Policy
from billing.coverage.policies import in_force
from billing.database import Db
from billing.patients.models import Patient
from billing.patients.names import folded
from billing.payers.models import Payer
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import ClinicSession

ROWS = 50
_LOOKED_AT = 1_000
"""The latest sessions among which those seen lately are looked for."""
_GIVEN = (SessionState.ARRIVED, SessionState.SIGNED)
_EXPECTED = (SessionState.BOOKED, SessionState.ARRIVED)


class ListView(StrEnum):
    """Which patients, in which order."""

    SEEN = "seen"
    NEW = "new"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class PatientRow:
    """A patient as a list shows one."""

    patient: Patient
    insurer: str
    """Who pays first today; empty without insurance in force."""
    last_on: date | None
    next_on: date | None
    why: str = ""
    """What fits the text that was looked for."""


@dataclass(frozen=True, slots=True)
class PatientPage:
    """A page of a list; the keys are the patients at its edges, behind or before whom another page begins."""

    rows: tuple[PatientRow, ...]
    after: int | None = None
    before: int | None = None


def seen_lately(db: Db, on: date) -> PatientPage:
    """The patients who were here last, the latest first."""
    rows = db.scalars(
        select(ClinicSession.patient_id)
        .where(ClinicSession.service_on <= on, ClinicSession.state.in_(_GIVEN))
        .order_by(ClinicSession.service_on.desc(), ClinicSession.id.desc())
        .limit(_LOOKED_AT)
    )
    return PatientPage(rows_of(db, list(dict.fromkeys(rows))[:ROWS], on))


def registered_last(db: Db, on: date) -> PatientPage:
    """The patients who came on file last, the newest first."""
    newest = db.scalars(select(Patient.id).order_by(Patient.id.desc()).limit(ROWS))
    return PatientPage(rows_of(db, list(newest), on))


def by_name(db: Db, on: date, *, after: int | None = None, before: int | None = None, letter: str = "") -> PatientPage:
    """A page of all patients by last and first name, as people would sort them: accents and capitals aside.

    It begins behind the patient ``after``, ends before the patient ``before``, or begins with the first name under
    ``letter``; a patient who is not there any more is passed over.
    """
    numbers, letters = _in_order(db)
    start = 0
    if after is not None and after in numbers:
        start = numbers.index(after) + 1
    elif before is not None and before in numbers:
        start = max(0, numbers.index(before) - ROWS)
    elif letter:
        start = next((place for place, first in enumerate(letters) if first >= letter.lower()[:1]), len(numbers))
    shown = numbers[start : start + ROWS]
    return PatientPage(
        rows_of(db, shown, on),
        after=shown[-1] if shown and start + ROWS < len(numbers) else None,
        before=shown[0] if shown and start > 0 else None,
    )


def _in_order(db: Db) -> tuple[list[int], list[str]]:
    """All patients' numbers by name, and the first letter of each."""
    names = db.execute(select(Patient.last_name, Patient.first_name, Patient.id))
    ordered = sorted((folded(last), folded(first), number) for last, first, number in names)
    return [number for _, _, number in ordered], [last[:1] for last, _, _ in ordered]


def rows_of(
    db: Db, patient_ids: Sequence[int], on: date, why: Mapping[int, str] | None = None
) -> tuple[PatientRow, ...]:
    """These patients as rows, in the order given; three queries."""
    if not patient_ids:
        return ()
    patients = {one.id: one for one in db.scalars(select(Patient).where(Patient.id.in_(patient_ids)))}
    insurers, days = _insurers(db, patient_ids, on), _days(db, patient_ids, on)
    return tuple(
        PatientRow(
            patients[number], insurers.get(number, ""), *days.get(number, (None, None)), (why or {}).get(number, "")
        )
        for number in patient_ids
        if number in patients
    )


def _insurers(db: Db, patient_ids: Iterable[int], on: date) -> dict[int, str]:
    policies: dict[int, list[Policy]] = defaultdict(list)
    names: dict[int, str] = {}
    of_these = (
        select(Policy, Payer.name).join(Payer, Payer.id == Policy.payer_id).where(Policy.patient_id.in_(patient_ids))
    )
    for policy, name in db.execute(of_these):
        policies[policy.patient_id].append(policy)
        names[policy.payer_id] = name
    return {number: names[current[0].payer_id] for number, held in policies.items() if (current := in_force(held, on))}


def _days(db: Db, patient_ids: Iterable[int], on: date) -> dict[int, tuple[date | None, date | None]]:
    """By patient, the day of the last visit and of the next one."""
    given = (ClinicSession.service_on <= on) & ClinicSession.state.in_(_GIVEN)
    expected = (ClinicSession.service_on >= on) & ClinicSession.state.in_(_EXPECTED)
    rows = db.execute(
        select(
            ClinicSession.patient_id,
            func.max(case((given, ClinicSession.service_on))),
            func.min(case((expected, ClinicSession.service_on))),
        )
        .where(ClinicSession.patient_id.in_(patient_ids))
        .group_by(ClinicSession.patient_id)
    )
    return {number: (last_on, next_on) for number, last_on, next_on in rows}
