"""What a receipt says: how the money came or went, which services it pays for, and where that leaves the patient."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from billing.charges.models import Charge
from billing.clinic.letterhead import letterhead
from billing.clinic.models import Clinic, TaxIdKind
from billing.invoices.issuing import practitioner
from billing.invoices.statement_wording import service_text
from billing.money import Money
from billing.patients.models import Patient
from billing.patients.party import party
from billing.payments.account import About, Account, Waiting, parted
from billing.payments.models import Payment, PaymentMethod, Refund
from billing.pdf import parts
from billing.pdf.receipt import Receipt, ReceiptLine
from billing.practitioners.models import Credential, Practitioner
from billing.sessions.models import ClinicSession

_METHOD = {
    parts.Region.US: {PaymentMethod.CHECK: "Check", PaymentMethod.OTHER: "Other means"},
    parts.Region.UK: {PaymentMethod.CHECK: "Cheque", PaymentMethod.OTHER: "Other means"},
}
_CARD = re.compile(r"(?P<brand>[A-Za-z ]*?)\W*(?:ending(?: in)?)?\W*(?P<last>\d{4})", re.IGNORECASE)
_WAITS = {
    Waiting.CHARGES: "Kept for this visit, which has not been billed yet.",
    Waiting.INSURER: "Kept for this visit until your insurer has decided what your part of it is.",
}
_NOTE = {
    parts.Region.US: "Keep this receipt. A health savings or flexible spending account may ask you for it.",
    parts.Region.UK: "Keep this receipt. Your health cash plan may ask you for it.",
}


@dataclass(frozen=True, slots=True)
class Services:
    """The sessions that money was put to, what was done in them, and by whom."""

    sessions: Mapping[int, ClinicSession]
    charges: Mapping[int, Charge]
    """All of those sessions' standing charges, by id and in order, and whatever other charge was paid."""
    practitioners: Mapping[int, Practitioner]
    credentials: Mapping[int, Sequence[Credential]]
    """By practitioner."""

    def done_in(self, session_id: int, region: parts.Region) -> str:
        """What was done in a session, in words."""
        own = [one for one in self.charges.values() if one.session_id == session_id and one.reversed_at is None]
        return "; ".join(service_text(one, region) for one in own) or "Visit"


@dataclass(frozen=True, slots=True)
class Told:
    """What every receipt tells beside the money."""

    clinic: Clinic
    patient: Patient
    account: Account
    undecided_cents: int
    """What insurers are still to decide about this patient's charges."""
    on: date

    @property
    def region(self) -> parts.Region:
        """Where it is read."""
        return letterhead(self.clinic, with_tax_id=False).region

    def money(self, cents: int) -> Money:
        """Cents in the clinic's currency."""
        return Money(cents, self.clinic.currency)


def receipt_for_payment(
    number: str,
    payment: Payment,
    refunds: Sequence[Refund],
    applied: Mapping[About, int],
    services: Services,
    told: Told,
) -> Receipt:
    """The receipt for money that a patient paid; ``applied`` says where what was not given back is now."""
    lines = [*_service_lines(applied, services, told), *_credit_lines(applied, told)]
    for one in refunds:
        when = told.region.date_text(one.refunded_on)
        lines.append(ReceiptLine(f"Given back to you on {when}", told.money(one.cents)))
    return Receipt(
        number=number,
        issued_on=told.on,
        letterhead=_letterhead(told.clinic),
        patient=party(told.patient),
        payment=_money(payment.received_on, payment.method, payment.reference, payment.cents, told),
        lines=tuple(lines),
        practitioners=_practitioners(applied, services, told.clinic),
        currency=told.clinic.currency,
        account=_account("payment", payment.received_on, told),
        note=_NOTE[told.region],
    )


def receipt_for_refund(number: str, refund: Refund, payment: Payment, earlier: str, told: Told) -> Receipt:
    """The receipt for money that a patient was given back; ``earlier`` is the number of the payment's own, if any."""
    what = f"Out of your payment of {told.region.date_text(payment.received_on)}"
    what += f" (receipt {earlier})" if earlier else ""
    same_card = payment.reference if refund.method is PaymentMethod.CARD else None
    reference = refund.reference or same_card
    return Receipt(
        number=number,
        issued_on=told.on,
        letterhead=_letterhead(told.clinic),
        patient=party(told.patient),
        payment=_money(refund.refunded_on, refund.method, reference, -refund.cents, told),
        lines=(ReceiptLine(what, told.money(refund.cents)),),
        currency=told.clinic.currency,
        account=_account("refund", refund.refunded_on, told),
    )


def _letterhead(clinic: Clinic) -> parts.Letterhead:
    return letterhead(clinic, with_tax_id=clinic.tax_id_kind is TaxIdKind.EIN)


def _money(on: date, method: PaymentMethod, reference: str | None, cents: int, told: Told) -> parts.Payment:
    text = reference or ""
    if method is PaymentMethod.CARD and (card := _CARD.fullmatch(text)):
        return parts.Payment(on, f"{card['brand'] or 'Card'} ending {card['last']}", told.money(cents))
    name = _METHOD[told.region].get(method, method.capitalize())
    return parts.Payment(on, name, told.money(cents), text)


def _service_lines(applied: Mapping[About, int], services: Services, told: Told) -> list[ReceiptLine]:
    """A line for each service that was paid and each session that money waits for, in the order of their dates."""
    waiting = {one.about: one.waiting for one in told.account.subjects}
    found = []
    for about, session in _sessions_of(applied, services):
        kind, number = parted(about)
        reason = waiting.get(about)
        line = ReceiptLine(
            service_text(services.charges[number], told.region)
            if kind == "charge"
            else services.done_in(number, told.region),
            told.money(applied[about]),
            session.service_on,
            _name(services.practitioners[session.practitioner_id]),
            _WAITS[reason] if kind == "session" and reason else "",
        )
        found.append(((session.service_on, session.id, number), line))
    return [line for _, line in sorted(found, key=lambda one: one[0])]


def _credit_lines(applied: Mapping[About, int], told: Told) -> list[ReceiptLine]:
    """What is left of the money, and what it paid besides services."""
    free = applied.get(told.account.credit, 0)
    other = sum(applied.values()) - free - sum(cents for about, cents in applied.items() if parted(about)[0] in _SERVED)
    lines = [ReceiptLine("Other amounts owed", told.money(other))] if other else []
    return [*lines, ReceiptLine("Credit on your account", told.money(free))] if free else lines


_SERVED = ("charge", "session")


def _sessions_of(applied: Mapping[About, int], services: Services) -> Iterator[tuple[About, ClinicSession]]:
    for about in applied:
        kind, number = parted(about)
        if kind in _SERVED:
            session_id = services.charges[number].session_id if kind == "charge" else number
            yield about, services.sessions[session_id]


def _practitioners(applied: Mapping[About, int], services: Services, clinic: Clinic) -> tuple[parts.Practitioner, ...]:
    """Everyone who rendered a service, each once, as on the earliest of these days."""
    sessions = sorted((one for _, one in _sessions_of(applied, services)), key=lambda one: (one.service_on, one.id))
    found: dict[int, parts.Practitioner] = {}
    for one in sessions:
        treating = services.practitioners[one.practitioner_id]
        credentials = services.credentials.get(treating.id, ())
        found.setdefault(treating.id, practitioner(treating, credentials, clinic, one.service_on))
    return tuple(found.values())


def _name(treating: Practitioner) -> str:
    return f"{treating.first_name} {treating.last_name}"


def _account(event: str, on: date, told: Told) -> str:
    """Where the account stands, in sentences."""
    account = told.account
    when = f"After this {event}" if on == told.on else f"As of {told.region.date_text(told.on)}"
    owed = f"you owe {told.money(account.owed_cents)}" if account.owed_cents else "nothing is left to pay"
    sentences = [f"{when} {owed}."]
    if account.free_cents:
        sentences.append(f"You have a credit of {told.money(account.free_cents)}.")
    if told.undecided_cents:
        undecided = told.money(told.undecided_cents)
        sentences.append(f"Your insurer is still to decide about {undecided}; you are not asked for that now.")
    return " ".join(sentences)
