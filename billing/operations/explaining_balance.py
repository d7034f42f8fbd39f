"""Why a patient owes what a balance or a statement says: each cent walked back to the signed note."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqlalchemy import select

from billing.charges.models import Charge
from billing.database import Db
from billing.errors import NotFound
from billing.identifiers import own_number
from billing.invoices.issuing import paper_name
from billing.invoices.models import Paper, PaperKind
from billing.invoices.patient_account import PatientAccount
from billing.invoices.patient_books import Books, books_of
from billing.ledger.accounts import ALLOCATIONS, owed_by_patient
from billing.ledger.queries import entries_about
from billing.money import text_from_cents
from billing.operations.explaining_money import about_text, allocation_steps, charge_steps, money_text, unused_text
from billing.operations.explaining_origins import Origins, read_origins
from billing.operations.explaining_steps import result, step
from billing.operations.explaining_visits import Visits, charge_line, read_visits, visit_lines
from billing.patients.queries import patient_named
from billing.payments.account import About, parted
from billing.sessions.models import ClinicSession

_STATEMENT = re.compile(r"ST-([0-9]{6,18})")

_UNDECIDED = "Insurers are still to decide about {}; the patient does not owe it."
_OVERDONE = "Insurers have together accounted for {} too much; ask which of them takes its payment back."
"""As when the first one decides anew after the second has paid."""


def charge(db: Db, name: str) -> list[str]:
    """What a charge is for, how it was priced, and what became of it. ``name`` is its number.

    Raises :class:`NotFound`.
    """
    found = db.get(Charge, number) if (number := own_number(name)) else None
    if found is None:
        raise NotFound(f"There is no charge {name}.")
    (books,) = books_of(db, [patient_charged(db, found)]).values()
    visits = read_visits(db, [books.services.sessions[found.session_id]], [found])
    return [
        charge_line(visits, found),
        "What became of it:",
        *charge_steps(found.id, books, books.account(), read_origins(db, books)),
        "Chart:",
        *(f"  {line}" for line in visit_lines(visits, found.session_id)),
    ]


def patient_charged(db: Db, found: Charge) -> int:
    """Whose books the charge is in, even when its session was given to somebody else since."""
    lines = [line for entry in entries_about(db, f"charge:{found.id}") for line in entry.lines]
    return next(number for kind, number in (parted(line.account) for line in lines) if kind in {"patient", "insurance"})


def balance(db: Db, name: str) -> list[str]:
    """Everything that makes up what a patient owes: each visit with its note, each charge with all that became of it.

    ``name`` is the patient's id, ours or the old system's, or a statement's number; a statement is explained
    from the books as they were when it was issued. Raises :class:`NotFound`.
    """
    paper = _statement_named(db, name)
    return balance_of(db, patient_named(db, name).id) if paper is None else statement_balance(db, paper)


def balance_of(db: Db, patient_id: int) -> list[str]:
    """The balance of the patient with that number of ours, as :func:`balance` explains it."""
    (books,) = books_of(db, [patient_id]).values()
    account = books.account()
    return [*_head(account), *_walk(db, books, account, read_origins(db, books))]


def statement_balance(db: Db, paper: Paper) -> list[str]:
    """What a statement said, from the books as they were when it was issued."""
    (books,) = books_of(db, [paper.patient_id], paper.issued_on, paper.issued_at).values()
    account = books.account()
    name = paper_name(paper.kind, paper.number)
    return [
        *_statement_head(name, paper, account),
        *_walk(db, books, account, read_origins(db, books, paper.issued_at)),
    ]


def _walk(db: Db, books: Books, account: PatientAccount, origins: Origins) -> list[str]:
    """Everything that an account is made of."""
    charges = [books.services.charges[one] for one in account.charges]
    visits = read_visits(db, _sessions_of(charges, books), charges)
    return [
        *_sum_lines(books, account),
        *_waiting_lines(books, account),
        *(line for session in visits.charts for line in _visit_lines(session, visits, books, account, origins)),
        *_money_lines(books, account, origins),
        *_file_lines(origins),
    ]


def _statement_named(db: Db, name: str) -> Paper | None:
    """The statement with that number, or ``None`` when it is not a statement's number."""
    match = _STATEMENT.fullmatch(name)
    if match is None:
        return None
    found = db.scalar(select(Paper).where(Paper.kind == PaperKind.STATEMENT, Paper.number == int(match[1])))
    if found is None:
        raise NotFound(f"There is no statement {name}.")
    return found


def _head(account: PatientAccount) -> list[str]:
    return [f"The patient owes {text_from_cents(account.balance)}.", *_below_zero(account.balance)]


def _statement_head(name: str, paper: Paper, account: PatientAccount) -> list[str]:
    owed = text_from_cents(paper.total_cents)
    head = [f"Statement {name} of {paper.issued_on}: the patient owes {owed}.", *_below_zero(paper.total_cents)]
    if account.balance != paper.total_cents:
        now = text_from_cents(account.balance)
        head.append(f"What was written while it was being issued is explained too, and makes {now} of it.")
    return head


def _below_zero(cents: int) -> list[str]:
    return [f"Below zero: {text_from_cents(-cents)} of the patient's money is here."] if cents < 0 else []


def _sum_lines(books: Books, account: PatientAccount) -> Iterator[str]:
    """What the balance is made of."""
    parts = [
        step(one.left, f"left to pay of {about_text(f'charge:{one.charge_id}', books)}")
        for one in account.charges.values()
        if one.left
    ]
    parts += [step(cents, unused_text(about, books, account)) for about, cents in account.elsewhere.items() if cents]
    if parts:
        yield from ("", "That is made up of:", *parts)
    yield result(account.balance, "the patient owes")


def _sessions_of(charges: list[Charge], books: Books) -> list[ClinicSession]:
    sessions = {charge.session_id: books.services.sessions[charge.session_id] for charge in charges}
    return sorted(sessions.values(), key=lambda one: (one.service_on, one.starts_at, one.id))


def _visit_lines(
    session_id: int, visits: Visits, books: Books, account: PatientAccount, origins: Origins
) -> Iterator[str]:
    """A visit, its chart and its charges."""
    yield ""
    first, *rest = visit_lines(visits, session_id)
    yield from (first, *(f"  {line}" for line in rest))
    charges = [books.services.charges[one] for one in account.charges]
    for charge in sorted((one for one in charges if one.session_id == session_id), key=lambda one: one.id):
        yield charge_line(visits, charge)
        yield from charge_steps(charge.id, books, account, origins)


def _money_lines(books: Books, account: PatientAccount, origins: Origins) -> Iterator[str]:
    """What became of money that was not booked for a charge, unless all of it is told with the session's charges."""
    own = owed_by_patient(books.patient_id)
    booked: dict[About, list[str]] = {about: [] for about in account.elsewhere}
    for entry in books.entries:
        for line in entry.lines:
            if line.account == own and line.about in booked and not entry.source.startswith(ALLOCATIONS):
                booked[line.about].append(step(line.cents, money_text(entry, origins)))
    for about, steps in booked.items():
        left = account.elsewhere[about]
        if left or len(steps) > 1 or _leaves_its_session(about, books, account):
            yield from ("", f"{_MONEY.get(parted(about)[0], 'Money about ')}{about_text(about, books)}:")
            yield from steps
            yield from allocation_steps(about, books, account, origins)
            yield result(left, unused_text(about, books, account) if left else "left of it")


_MONEY = {"session": "Money taken with ", "credit": "Money paid without a session, "}


def _leaves_its_session(about: About, books: Books, account: PatientAccount) -> bool:
    """Whether money went to anything but the charges of the session it was taken with."""
    charges = books.services.charges
    own = {f"charge:{one}" for one in account.charges if f"session:{charges[one].session_id}" == about}
    return any(move.source == about and move.target not in own for move in account.moves)


def _file_lines(origins: Origins) -> Iterator[str]:
    """The files that all this can be read in."""
    lines = list(origins.file_lines())
    if lines:
        yield from ("", "Files, kept to the byte:", *lines)


def _waiting_lines(books: Books, account: PatientAccount) -> Iterator[str]:
    """What insurers are still to decide, and what they decided beyond the charge, charge by charge."""
    charges = account.charges.values()
    undecided = [one for one in charges if one.waiting > 0]
    overdone = [one for one in charges if one.waiting < 0]
    for found, words in ((undecided, _UNDECIDED), (overdone, _OVERDONE)):
        if found:
            yield ""
            yield words.format(text_from_cents(abs(sum(one.waiting for one in found))))
            yield from (step(one.waiting, about_text(f"charge:{one.charge_id}", books)) for one in found)
