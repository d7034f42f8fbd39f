"""What becomes of an issued estimate: delivered, acknowledged, copied on request, and bills let pass against it.

Each is a row that is only ever added. An estimate counts as given once it was delivered; that the patient signs for it
is good to have, and no law asks for it.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select

from billing.clinic.queries import the_clinic
from billing.clock import local
from billing.database import Db, hold_lock
from billing.errors import NotFound, Problem, Refused, block
from billing.estimates.good_faith.covering import speaks_to
from billing.estimates.good_faith.issuing import name_of
from billing.estimates.models import (
    Delivery,
    EstimateEvent,
    EstimateHistory,
    EstimateRequest,
    GoodFaithEstimate,
)
from billing.patients.models import Patient

LONGEST_REMARK = 300


def estimate_with_id(db: Db, estimate_id: int) -> GoodFaithEstimate:
    """The issued estimate with that id. Raises :class:`NotFound`."""
    found = db.get(GoodFaithEstimate, estimate_id)
    if found is None:
        raise NotFound(f"There is no estimate {estimate_id}.")
    return found


def deliver(
    db: Db, estimate_id: int, how: Delivery, on: date, *, by: str, at: datetime, remark: str = ""
) -> EstimateHistory:
    """Write down that the patient was given the estimate, how and when.

    Raises :class:`Refused` with every reason: a day before it was issued or to come, an e-mail without the patient's
    consent to e-mail, an estimate that another one has replaced for whatever is still to come.
    """
    estimate = _held(db, estimate_id)
    problems = [*_day_problems(db, estimate.issued_on, on, at), *_remark_problems(remark)]
    if how is Delivery.EMAILED:
        problems += _mail_problems(db, estimate)
    later = _later(db, estimate_id)
    if later and (speaks_to(estimate, later) or date.min) < on:
        why = f"It was replaced by {name_of(later)}."
        problems.append(block("estimate.replaced", why, "Give the patient that one.", f"estimate:{later.id}"))
    return _noted(db, estimate, EstimateEvent.DELIVERED, problems, on, by=by, at=at, why=remark, how=how)


def acknowledge(db: Db, estimate_id: int, on: date, *, by: str, at: datetime, remark: str = "") -> EstimateHistory:
    """Write down that the patient signed for the estimate; only for one that was delivered."""
    estimate = _held(db, estimate_id)
    given = db.scalar(
        select(EstimateHistory.on)
        .where(EstimateHistory.estimate_id == estimate_id, EstimateHistory.event == EstimateEvent.DELIVERED)
        .order_by(EstimateHistory.on)
        .limit(1)
    )
    problems = _remark_problems(remark)
    if given is None:
        why = "Nobody has written down that the patient was given it."
        problems.append(block("estimate.not_delivered", why, "Note first how and when it was delivered."))
    else:
        problems += _day_problems(db, given, on, at)
    return _noted(db, estimate, EstimateEvent.ACKNOWLEDGED, problems, on, by=by, at=at, why=remark)


def give_copy(
    db: Db, estimate_id: int, how: Delivery, on: date, *, by: str, at: datetime, remark: str = ""
) -> EstimateHistory:
    """Write down that the patient asked for a copy and got one; of a replaced estimate too."""
    estimate = _held(db, estimate_id)
    problems = [*_day_problems(db, estimate.issued_on, on, at), *_remark_problems(remark)]
    if how is Delivery.EMAILED:
        problems += _mail_problems(db, estimate)
    return _noted(db, estimate, EstimateEvent.COPIED, problems, on, by=by, at=at, why=remark, how=how)


def let_pass(db: Db, estimate_id: int, up_to_cents: int, *, by: str, at: datetime, why: str) -> EstimateHistory:
    """Let bills pass that are so far above the estimate; the reason is kept. What goes further is stopped again."""
    estimate = _held(db, estimate_id)
    problems = _remark_problems(why)
    if not why.strip():
        problems.append(block("estimate.why", "No reason is given.", "Say why the bill may go out.", "field:why"))
    on = local(at, the_clinic(db).time_zone).date()
    return _noted(
        db, estimate, EstimateEvent.LET_PASS, problems, on, by=by, at=at, why=why, up_to_cents=up_to_cents
    )  # fmt: skip


def ask_for_estimate(
    db: Db, patient_id: int, asked_on: date, *, by: str, at: datetime, remark: str = ""
) -> EstimateRequest:
    """Write down that the patient, or somebody for them, asked what care would cost."""
    if db.get(Patient, patient_id) is None:
        raise NotFound(f"There is no patient {patient_id}.")
    problems = [*_day_problems(db, date.min, asked_on, at), *_remark_problems(remark)]
    if problems:
        raise Refused(" ".join(f"{one.why} {one.fix}" for one in problems), problems)
    made = EstimateRequest(
        patient_id=patient_id, asked_on=asked_on, at=at, by=by, remark=remark.strip(),
        withdrawn_at=None, why_withdrawn=None,
    )  # fmt: skip
    db.add(made)
    db.flush()
    return made


def withdraw_request(db: Db, request_id: int, *, at: datetime, why: str) -> EstimateRequest:
    """The patient does not want the estimate any more, or it was written down by mistake."""
    asked = db.get(EstimateRequest, request_id, with_for_update=True, populate_existing=True)
    if asked is None:
        raise NotFound(f"There is no request {request_id}.")
    if asked.withdrawn_at is not None:
        return asked
    problems = _remark_problems(why)
    if not why.strip():
        problems.append(block("estimate.why", "No reason is given.", "Say in a few words why.", "field:why"))
    if problems:
        raise Refused(" ".join(f"{one.why} {one.fix}" for one in problems), problems)
    asked.withdrawn_at, asked.why_withdrawn = at, why.strip()
    db.flush()
    return asked


def _held(db: Db, estimate_id: int) -> GoodFaithEstimate:
    estimate = estimate_with_id(db, estimate_id)
    hold_lock(db, f"estimates:{estimate.patient_id}")
    return estimate


def _later(db: Db, estimate_id: int) -> GoodFaithEstimate | None:
    return db.scalar(select(GoodFaithEstimate).where(GoodFaithEstimate.supersedes_id == estimate_id))


def _noted(
    db: Db,
    estimate: GoodFaithEstimate,
    event: EstimateEvent,
    problems: list[Problem],
    on: date,
    *,
    by: str,
    at: datetime,
    why: str,
    how: Delivery | None = None,
    up_to_cents: int | None = None,
) -> EstimateHistory:
    if problems:
        raise Refused(" ".join(f"{one.why} {one.fix}" for one in problems), problems)
    made = EstimateHistory(
        estimate_id=estimate.id, event=event, on=on, how=how, at=at, by=by, why=why.strip(), up_to_cents=up_to_cents
    )
    db.add(made)
    db.flush()
    return made


def _day_problems(db: Db, earliest: date, on: date, at: datetime) -> list[Problem]:
    today = local(at, the_clinic(db).time_zone).date()
    if earliest <= on <= today:
        return []
    why = f"{on} is still to come." if on > today else f"{on} is too early: it was only there on {earliest}."
    return [block("estimate.day", why, "Correct the day.", "field:on")]


def _mail_problems(db: Db, estimate: GoodFaithEstimate) -> list[Problem]:
    patient = db.get_one(Patient, estimate.patient_id)
    if patient.email and patient.email_consent:
        return []
    what = "has not agreed to e-mail" if patient.email else "has no e-mail address on file"
    return [block("consent.missing", f"The patient {what}.", "Deliver it another way.", f"patient:{patient.id}")]


def _remark_problems(remark: str) -> list[Problem]:
    if len(remark) <= LONGEST_REMARK:
        return []
    why = f"The remark is longer than {LONGEST_REMARK} characters."
    return [block("estimate.why", why, "Shorten it.", "field:why")]
