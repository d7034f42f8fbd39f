"""Taking money at the desk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from billing.clinic.numbering import take_numbers
from billing.clinic.queries import the_clinic
from billing.clock import local
from billing.database import Db
from billing.errors import Conflict, NotFound, Problem, block
from billing.ledger.accounts import money_received, owed_by_patient, unapplied
from billing.ledger.posting import Line, NewEntry, post
from billing.patients.models import Patient
from billing.payments.account import About
from billing.payments.allocating import allocate, hold_accounts
from billing.payments.judging import amount_problems, day_problems, reference_problems, refuse_any
from billing.payments.models import Payment, PaymentMethod
from billing.payments.payable import parts_of, payable_charges
from billing.payments.queries import MAY_BE_CHARGED, standing_payment
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import ClinicSession

DESK_SERIES = "desk payment"


def take_payment(
    db: Db,
    patient_id: int,
    cents: int,
    method: PaymentMethod,
    received_on: date,
    reference: str | None = None,
    charges: Sequence[int] = (),
    source: str | None = None,
    *,
    at: datetime,
    session_id: int | None = None,
    session_cents: int = 0,
) -> Payment:
    """Book money from a patient, and put it to what it pays for.

    ``session_id`` is the session it is taken with: at most ``session_cents`` of it are meant for that session, and
    stay with it until it is charged and its insurer has decided. Then ``charges`` are paid, in their order; of a
    charge that an insurer is still to decide, the money is kept for its session. The rest pays the oldest debts,
    and what is left is the patient's credit. ``source`` names the payment: the same payment under the same name
    is booked once, and returned again.

    Raises :class:`NotFound` for an unknown patient, :class:`Refused` with every reason when it may not be
    booked so, :class:`Conflict` when another payment has the same source.
    """
    patient = db.get(Patient, patient_id)
    if patient is None:
        raise NotFound(f"There is no patient {patient_id}.")
    today = local(at, the_clinic(db).time_zone).date()
    hold_accounts(db, [patient_id])
    if source and (known := standing_payment(db, source)):
        if (known.patient_id, known.cents, known.method) != (patient_id, cents, method):
            raise Conflict("This key was used for another payment. Give each payment a key of its own.")
        return known
    allocate(db, [patient_id], at)
    payable = payable_charges(db, patient_id, list(dict.fromkeys(charges)))
    refuse_any(
        [
            *amount_problems(cents),
            *day_problems(received_on, patient.birth_date, today),
            *reference_problems(reference, method),
            *(problem for one in payable for problem in one.problems),
            *_session_problems(db, patient_id, session_id),
        ]
    )
    if source is None:
        source = f"desk:{take_numbers(db, DESK_SERIES, 1)[0]}"
    payment = Payment(
        patient_id=patient_id, session_id=session_id, cents=cents, method=method, received_on=received_on,
        source=source, reference=reference,
    )  # fmt: skip
    db.add(payment)
    db.flush()
    own = min(cents, session_cents) if session_id else 0
    parts = Counter(parts_of(cents - own, payable, unapplied(patient_id)))
    parts[f"session:{session_id}"] += own
    post(db, [_entry(payment, +parts)], at)
    allocate(db, [patient_id], at)
    return payment


def _session_problems(db: Db, patient_id: int, session_id: int | None) -> list[Problem]:
    """Why money cannot be taken with a session."""
    if session_id is None:
        return []
    session, where = db.get(ClinicSession, session_id), f"session:{session_id}"
    if session is None or session.patient_id != patient_id:
        why = "The session that this money is to be taken with is not one of this patient's."
        return [block("payment.session", why, "Take it with one of the patient's own, or with none.", where)]
    if session.state not in MAY_BE_CHARGED:
        why = f"The session was {'cancelled' if session.state is SessionState.CANCELLED else 'missed'}."
        return [block("payment.session", why, "Take the money without it; it pays what else is owed.", where)]
    return []


def _entry(payment: Payment, parts: Mapping[About, int]) -> NewEntry:
    source = f"payment:{payment.id}"
    own = owed_by_patient(payment.patient_id)
    lines = [Line(money_received(payment.method), payment.cents, source)]
    lines += [Line(own, -cents, about) for about, cents in parts.items()]
    return NewEntry(source, payment.received_on, f"Payment by {payment.method}", lines)
