"""One box that finds everything: patients, sessions, claims, payments and papers, each hit with what fits.

Law: it finds only what the one who asks may see, and what is typed stands for itself: no sign in it means more.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select

from billing.access.permissions import Permission
from billing.coverage.member_numbers import members_like
from billing.coverage.wording import day_words
from billing.database import Db
from billing.identifiers import readable_phone
from billing.patients.models import Patient
from billing.patients.search import (
    EXACT,
    Found,
    by_birth_date,
    by_email,
    by_name,
    by_old_number,
    by_phone,
    in_all,
)
from billing.patients.written_dates import DatesMeant, dates_meant
from billing.reports.found_records import claims_found, money_found, papers_found, sessions_found
from billing.reports.hits import Hit, HitKind, Seeker

LONGEST_TEXT = 100
"""Nobody types more than that to find something."""


def found(db: Db, text: str, limit: int, seeker: Seeker) -> list[Hit]:
    """What fits the text best, at most ``limit`` of it; in order of kind, what fits exactly before all else."""
    typed = _typed(text)
    if not typed:
        return []
    meant = dates_meant(typed, seeker.today, day_first=seeker.day_first)
    people = patients_fitting(db, typed, meant, limit) if seeker.sees(Permission.SEE_PATIENTS) else []
    hits = patient_hits(db, people[:limit], seeker.country)
    if seeker.sees(Permission.SEE_DAY):
        hits += sessions_found(db, typed, meant, limit, seeker)
    if seeker.sees(Permission.SEE_CLAIMS):
        hits += claims_found(db, typed, limit)
    hits += money_found(db, typed, limit, seeker)
    hits += papers_found(db, typed, seeker)
    exact = [hit for hit in hits if hit.is_exact]
    return [*exact, *(hit for hit in hits if not hit.is_exact)][:limit]


def patients_found(db: Db, text: str, limit: int, seeker: Seeker) -> list[Hit]:
    """The patients alone who fit the text, the best first."""
    typed = _typed(text)
    if not typed:
        return []
    meant = dates_meant(typed, seeker.today, day_first=seeker.day_first)
    return patient_hits(db, patients_fitting(db, typed, meant, limit)[:limit], seeker.country)


def _typed(text: str) -> str:
    """What was typed on one line, without characters that nobody can see."""
    return " ".join("".join(one if one.isprintable() else " " for one in text[:LONGEST_TEXT]).split())


def patients_fitting(db: Db, typed: str, meant: DatesMeant, limit: int) -> list[Found]:
    """Whom the text fits, the best first, each once with everything that fits.

    A name beside a birth date must both fit.
    """
    if meant.dates and meant.rest:
        return in_all(by_name(db, meant.rest), by_birth_date(db, meant.dates))
    found = [
        *by_birth_date(db, meant.dates),
        *by_old_number(db, typed),
        *by_phone(db, typed),
        *by_email(db, typed, limit),
        *(Found(one.patient_id, EXACT, "Member number") for one in members_like(db, typed, limit)),
        *by_name(db, typed),
    ]
    return _each_once(found)


def _each_once(found: Iterable[Found]) -> list[Found]:
    best: dict[int, Found] = {}
    for one in found:
        known = best.get(one.patient_id)
        if known is None:
            best[one.patient_id] = one
        elif one.why not in known.why:
            why = f"{known.why}, {one.why.lower()}"
            best[one.patient_id] = Found(one.patient_id, max(known.score, one.score), why)
    return sorted(best.values(), key=lambda one: -one.score)


def patient_hits(db: Db, people: Iterable[Found], country: str) -> list[Hit]:
    """The patients as hits, in the order given; one query."""
    wanted = {one.patient_id: one for one in people}
    patients = {one.id: one for one in db.scalars(select(Patient).where(Patient.id.in_(wanted)))} if wanted else {}
    return [
        Hit(
            HitKind.PATIENT,
            number,
            f"{patients[number].first_name} {patients[number].last_name}",
            _patient_line(patients[number], country),
            one.why,
            is_exact=one.score >= EXACT,
        )
        for number, one in wanted.items()
        if number in patients
    ]


def _patient_line(patient: Patient, country: str) -> str:
    phone = readable_phone(patient.phone, country or "ZZ") if patient.phone else ""
    return " · ".join(filter(None, (f"born {day_words(patient.birth_date)}", phone, patient.city or "")))
