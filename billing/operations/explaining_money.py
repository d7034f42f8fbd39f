"""What became of a charge's money, and of a patient's, as lines of text that add up to the cent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from billing.invoices.patient_account import PatientAccount, charge_of, is_of_money, origin
from billing.invoices.patient_books import Books
from billing.ledger.accounts import ALLOCATIONS, kind_of, owed_by_patient
from billing.ledger.posting import Line
from billing.ledger.queries import Booked
from billing.operations.explaining_decisions import (
    booked_steps,
    decided_line,
    filing_line,
    part_text,
    passed_on,
    refusal_lines,
    unpaid_line,
)
from billing.operations.explaining_origins import Filing, Origins
from billing.operations.explaining_steps import remark, result, step
from billing.payments.account import About, parted
from billing.payments.applied import spent
from billing.payments.models import Payment, Refund

_UNDECIDED = "still to be decided by insurers: the patient does not owe it"
_OVERDONE = "accounted for twice by insurers: one of them is to take its payment back"


def charge_steps(charge_id: int, books: Books, account: PatientAccount, origins: Origins) -> list[str]:
    """Everything that became of a charge: from its price to the patient's part, and from that to what is left."""
    one = account.charges[charge_id]
    entries = [entry for entry in books.entries if not entry.source.startswith(ALLOCATIONS)]
    about = [(entry, lines) for entry in _told_in_order(entries) if (lines := _lines_about(entry, charge_id))]
    standing = books.standing(origins.decisions.get(charge_id, ()))
    told = list(_before_the_patient(charge_id, about, books, origins))
    told += passed_on(one.patient_part, standing)
    if one.waiting:
        told.append(step(-one.waiting, _UNDECIDED if one.waiting > 0 else _OVERDONE))
    told.append(result(one.patient_part, f"the patient's part{part_text(one.patient_part, standing)}"))
    own = owed_by_patient(books.patient_id)
    told += [
        step(line.cents, money_text(entry, origins))
        for entry, lines in about
        if is_of_money(entry)
        for line in lines
        if line.account == own
    ]
    told += allocation_steps(f"charge:{charge_id}", books, account, origins)
    return [*told, result(one.left, f"left to pay of charge {charge_id}")]


def _told_in_order(entries: Sequence[Booked]) -> list[Booked]:
    """In the order of the books; of what was written at once, what takes back older entries before what is new."""
    written = {entry.source: (entry.booked_on, entry.recorded_at) for entry in entries}

    def order(entry: Booked) -> tuple[date, datetime, bool]:
        now = entry.booked_on, entry.recorded_at
        undone = written.get(entry.source.removeprefix("reversal:"), now)
        return *now, undone == now

    return sorted(entries, key=order)


def _lines_about(entry: Booked, charge_id: int) -> list[Line]:
    return [line for line in entry.lines if charge_of(line) == charge_id]


def _before_the_patient(
    charge_id: int, about: Sequence[tuple[Booked, list[Line]]], books: Books, origins: Origins
) -> Iterator[str]:
    """What became of a charge before it came to the patient; each claim it was filed in, before what came of that."""
    untold = list(origins.filings.get(charge_id, ()))
    for entry, lines in about:
        decision = origins.decision(charge_id, origin(entry.source))
        if decision:
            yield from _filed(decision.claim, untold)
        if decision and decision.entry == entry.source:
            yield decided_line(decision, origins)
        yield from _entry_steps(charge_id, entry, lines, origins)
    for decision in books.standing(origins.decisions.get(charge_id, ())):
        if decision.entry not in books.sources:
            yield from _filed(decision.claim, untold)
            yield decided_line(decision, origins)
        if decision.is_denied:
            yield from refusal_lines(decision)
        elif decision.entry not in books.sources:
            yield unpaid_line(decision)
    yield from map(filing_line, untold)


def _filed(claim: str, untold: list[Filing]) -> list[str]:
    """How the charge was filed in a claim, unless that has been told."""
    found = [one for one in untold if one.claim == claim]
    untold[:] = [one for one in untold if one.claim != claim]
    return [filing_line(one) for one in found]


def _entry_steps(charge_id: int, entry: Booked, lines: Sequence[Line], origins: Origins) -> Iterator[str]:
    """What an entry did to a charge before it came to the patient."""
    kind = kind_of(origin(entry.source))
    back = "taken back: " if entry.source.startswith("reversal:") else ""
    if kind == "charge":
        charged = -sum(line.cents for line in lines if kind_of(line.account) == "income")
        yield step(charged, f"{entry.booked_on} {back}charged")
    elif kind == "remittance":
        yield from booked_steps(origins.decision(charge_id, origin(entry.source)), entry, lines, origins, back)
    elif not is_of_money(entry):
        given_up = sum(line.cents for line in lines if kind_of(line.account) not in {"patient", "insurance"})
        if given_up:
            yield step(-given_up, f"{entry.booked_on} {back}{entry.memo}: nobody owes it")
        else:
            yield remark(f"{entry.booked_on} {back}{entry.memo}")


def money_text(entry: Booked, origins: Origins) -> str:
    """Which money an entry is about: ``2026-03-03 payment 3 by card``."""
    kind, number = parted(origin(entry.source))
    back = "taken back: " if entry.source.startswith("reversal:") else ""
    row = origins.money(kind, number)
    if row is None:
        return f"{entry.booked_on} {back}{entry.memo}"
    why = f": {row.why}" if isinstance(row, Refund) else ""
    return f"{entry.booked_on} {back}{kind} {_row_text(row)}{why}"


def _row_text(row: Payment | Refund) -> str:
    reference = f", {row.reference}" if row.reference else ""
    return f"{row.id} by {row.method}{reference}"


def allocation_steps(about: About, books: Books, account: PatientAccount, origins: Origins) -> Iterator[str]:
    """Money put to a subject from elsewhere, payment by payment, and put from there to others."""
    for source in dict.fromkeys(move.source for move in account.moves if move.target == about):
        cents = sum(move.cents for move in account.moves if (move.source, move.target) == (source, about))
        parts = [
            (origins.payments[payment_id], part)
            for payment_id, where, part in spent(source, origins.parts, account.moves)
            if where == about
        ]
        if sum(part for _, part in parts) == cents:
            for payment, part in parts:
                yield step(-part, f"{payment.received_on} payment {_row_text(payment)}{_taken_with(source, books)}")
        else:
            yield step(-cents, f"from {about_text(source, books)}")
    for move in account.moves:
        if move.source == about:
            yield step(move.cents, f"put to {about_text(move.target, books)}")


def _taken_with(about: About, books: Books) -> str:
    kind, _ = parted(about)
    words = {"session": f", taken with {about_text(about, books)}", "charge": f", paid for {about_text(about, books)}"}
    return words.get(kind, "")


def unused_text(about: About, books: Books, account: PatientAccount) -> str:
    """What money is there for that pays nothing yet, or what is owed instead."""
    kind, number = parted(about)
    if account.elsewhere[about] > 0:
        return f"owed besides the charges, {about_text(about, books)}"
    if kind != "session":
        return about_text(about, books)
    charged = {books.services.charges[one.charge_id].session_id for one in account.charges.values() if one.charged}
    waits = "whose insurer is still to decide" if number in charged else "which is not billed yet"
    return f"kept for {about_text(about, books)}, {waits}"


def about_text(about: About, books: Books) -> str:
    """What an amount is about, down to the session."""
    kind, number = parted(about)
    if kind == "charge":
        charge = books.services.charges[number]
        return f"charge {number} ({about_text(f'session:{charge.session_id}', books)})"
    if kind == "session":
        session = books.services.sessions[number]
        return f"session {session.external_id or session.id} on {session.service_on}"
    return "the patient's credit" if kind == "credit" else about or "nothing in particular"
