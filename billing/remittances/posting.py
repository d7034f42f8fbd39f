"""A payment goes into the books: whole, or not at all."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import delete, insert, select, update

from billing.audit.recording import Subject, record
from billing.claims.answers.answering import LOCK as ANSWERS
from billing.clinic.models import Clinic
from billing.clock import local
from billing.codes.provider_adjustments import provider_adjustment_label
from billing.database import Db, batches, hold_lock, insert_many
from billing.ledger.accounts import INTEREST, deposit, money_received, provider_level
from billing.ledger.posting import Line, NewEntry, post
from billing.money import text_from_cents
from billing.remittances.booking import BY, storable
from billing.remittances.deciding import Course, decide
from billing.remittances.incoming import Fate, IncomingPayment, Judged, Unfit, date_faults, header_faults
from billing.remittances.models import ProviderAdjustment, Remittance, RemittanceState
from billing.remittances.parties import parties
from billing.remittances.queries import our_numbers, payers, posted_under

CLAIMS_AT_ONCE = 500
LOCK = "remittances"
"""Only one payment is judged at a time, or two processes would post the same one."""
_INTEREST = "L6"


def post_payment(db: Db, payment: IncomingPayment, at: datetime) -> Judged:
    """Post a payment that is fit to be posted, unless it has been posted before.

    Raises :class:`Unfit` when it is not, after having read it to its end; nothing of it may then be kept.
    """
    hold_lock(db, LOCK)
    # Answers move claims too, in another order: two that wait for each other's claims would wait for ever.
    hold_lock(db, ANSWERS)
    if before := posted_under(db, payment.key):
        payment.read_to_end()
        if before.digest != payment.digest:
            raise Unfit(["a payment with other content was posted under the same number"])
        return Judged(Fate.REPEATED, payment.header.trace_number, remittance_id=before.id)
    reasons = [*header_faults(payment.header), *date_faults(payment.header, _today(db, at))]
    if not reasons:
        course = _begin(db, payment, at)
        reasons = _decide_all(db, course)
    payment.read_to_end()
    if reasons := [*payment.faults, *reasons]:
        raise Unfit(dict.fromkeys(reasons))
    _settle(db, course)
    record(db, BY, "payment posted", Subject("remittance", str(course.remittance_id)), at, {"claims": payment.claims})
    return Judged(
        Fate.POSTED,
        payment.header.trace_number,
        payment.claims,
        payment.paid_cents,
        patient_ids=frozenset(course.patient_ids),
        remittance_id=course.remittance_id,
    )


def _begin(db: Db, payment: IncomingPayment, at: datetime) -> Course:
    """Give the payment a number; its digest is known only once it has been read."""
    header = payment.header
    row = {
        "file_id": payment.file_id,
        "ordinal": payment.ordinal,
        "payment_key": payment.key,
        "digest": "",
        "trace_number": storable(header.trace_number),
        "payer_name": storable(header.payer_name),
        "paid_on": header.paid_on,
        "method": storable(header.method),
        "paid_cents": payment.paid_cents,
        "claims": 0,
        "state": RemittanceState.POSTED,
        "why": "",
        "arithmetic": "",
        "recorded_at": at,
    }
    remittance_id = db.scalars(insert(Remittance).returning(Remittance.id), [row]).one()
    known = payers(db)
    met = parties(payment.header, known.values(), our_numbers(db))
    return Course(payment, remittance_id, deposit(remittance_id), _decided_on(db, payment, at), at, known, met)


def _decided_on(db: Db, payment: IncomingPayment, at: datetime) -> date:
    said = payment.header.paid_on or payment.header.produced_on
    return said or _today(db, at)


def _today(db: Db, at: datetime) -> date:
    """The clinic's local date; that of UTC before there is a clinic, when no payment can be posted anyway."""
    clinic = db.scalar(select(Clinic))
    return local(at, clinic.time_zone).date() if clinic else at.date()


def _decide_all(db: Db, course: Course) -> list[str]:
    """Judge every claim; stops, and returns why, at the first ones that keep the payment from being posted."""
    for claims in batches(course.payment.read(), CLAIMS_AT_ONCE):
        if reasons := decide(db, course, claims):
            return reasons
    for set_aside in (course.reversals, course.repeats):
        for claims in batches(set_aside, CLAIMS_AT_ONCE):
            if reasons := decide(db, course, claims, finally_=True):
                return reasons
    return []


def _settle(db: Db, course: Course) -> None:
    """Book the money itself and what was withheld from it, and close the payment.

    Raises :class:`Unfit` when its money is not all accounted for.
    """
    payment, account, source = course.payment, course.deposit, course.source
    withheld = sum(one.cents for one in payment.provider_adjustments)
    if course.deposited_cents - withheld != payment.paid_cents:
        raise Unfit([f"its claims come to {text_from_cents(course.deposited_cents)}, which is not what it brings"])
    entries = []
    if payment.paid_cents:
        money = money_received(payment.method)
        lines = [Line(money, payment.paid_cents), Line(account, -payment.paid_cents)]
        entries.append(NewEntry(f"{source}:deposit", course.decided_on, f"The money of {course.why}", lines))
    for position, one in enumerate(payment.provider_adjustments, start=1):
        other = INTEREST if one.reason == _INTEREST else provider_level(one.reason)
        lines = [Line(other, one.cents), Line(account, -one.cents)]
        if one.cents:
            memo = f"{provider_adjustment_label(one.reason)}: {course.why}"
            entries.append(NewEntry(f"{source}:provider:{position}", course.decided_on, memo, lines))
    post(db, entries, course.at)
    _keep_provider_adjustments(db, course)
    # It may have waited in the queue; now it waits no more.
    same = (Remittance.payment_key == payment.key, Remittance.digest == payment.digest)
    db.execute(delete(Remittance).where(*same))
    known = {"digest": payment.digest, "claims": payment.claims, "arithmetic": payment.arithmetic}
    db.execute(update(Remittance).where(Remittance.id == course.remittance_id).values(**known))


def _keep_provider_adjustments(db: Db, course: Course) -> None:
    rows = [
        {
            "remittance_id": course.remittance_id,
            "position": position,
            "reason": one.reason,
            "reference": storable(one.reference),
            "cents": one.cents,
        }
        for position, one in enumerate(course.payment.provider_adjustments, start=1)
    ]
    insert_many(db, ProviderAdjustment, rows)
