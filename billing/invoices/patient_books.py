"""Reading the books of some patients, with the charges and sessions that they are about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from sqlalchemy import select

from billing.charges.models import Charge
from billing.claims.decisions import Decision
from billing.claims.models import Responsibility
from billing.database import Db, batches
from billing.invoices.patient_account import PatientAccount, Services, patient_account
from billing.ledger.accounts import owed_by_insurance, owed_by_patient
from billing.ledger.queries import Booked, entries_on
from billing.payments.account import parted
from billing.sessions.models import ClinicSession

_AT_ONCE = 5000
_PAYERS = list(Responsibility)
"""In the order in which they decide."""


@dataclass(frozen=True)
class Books:
    """What the books say about one patient up to a day."""

    patient_id: int
    entries: tuple[Booked, ...]
    """All that touch the patient's account or the insurers' for the patient, in the order of the books."""
    services: Services
    through: date | None = None
    """The last day they tell of; ``None`` when they tell all."""
    recorded_by: datetime | None = None
    """The last instant they tell of; ``None`` when they tell all."""

    @cached_property
    def sources(self) -> frozenset[str]:
        """The sources of the entries."""
        return frozenset(entry.source for entry in self.entries)

    def standing(self, decisions: Iterable[Decision]) -> list[Decision]:
        """The decisions about one charge that stood on the day: of each claim the last, in the order of the payers.

        ``decisions`` come in the order in which they were posted. One that puts nothing into the books, such as a
        refusal, counts from the day the payer decided.
        """
        last = {one.claim: one for one in decisions if self._stands(one)}
        return sorted(last.values(), key=lambda one: _PAYERS.index(one.responsibility))

    def _stands(self, decision: Decision) -> bool:
        if decision.entry in self.sources:
            return f"reversal:{decision.entry}" not in self.sources
        in_time = self.through is None or decision.decided_on <= self.through
        return in_time and self._known(decision.posted_at) and not self._known(decision.reversed_at)

    def _known(self, at: datetime | None) -> bool:
        """Whether what happened at an instant, if ever, had happened by the last one these books tell of."""
        return at is not None and (self.recorded_by is None or at <= self.recorded_by)

    def account(self, which: Callable[[Booked], bool] = lambda entry: True) -> PatientAccount:
        """The account in which those of the entries leave the patient."""
        return patient_account(self.patient_id, filter(which, self.entries), self.services)


def books_of(
    db: Db, patient_ids: Sequence[int], through: date | None = None, recorded_by: datetime | None = None
) -> dict[int, Books]:
    """The books of at most a few hundred patients; three queries, and two more for each further 5000 charges.

    ``through`` leaves out what is booked on a later day, ``recorded_by`` what was written after that instant.
    """
    owners = {owed_by_patient(one): one for one in patient_ids}
    owners |= {owed_by_insurance(one): one for one in patient_ids}
    entries: dict[int, list[Booked]] = defaultdict(list)
    for entry in entries_on(db, list(owners), through, recorded_by):
        for patient_id in dict.fromkeys(owners[line.account] for line in entry.lines if line.account in owners):
            entries[patient_id].append(entry)
    services = _services(db, [entry for found in entries.values() for entry in found])
    return {one: Books(one, tuple(entries[one]), services, through, recorded_by) for one in patient_ids}


def _services(db: Db, entries: Iterable[Booked]) -> Services:
    abouts = {parted(line.about) for entry in entries for line in entry.lines}
    charges = _charges(db, {number for kind, number in abouts if kind == "charge"})
    sessions = {number for kind, number in abouts if kind == "session"}
    return Services(charges, _sessions(db, sessions | {charge.session_id for charge in charges.values()}))


def _charges(db: Db, ids: Collection[int]) -> dict[int, Charge]:
    return {
        charge.id: charge
        for some in batches(sorted(ids), _AT_ONCE)
        for charge in db.scalars(select(Charge).where(Charge.id.in_(some)))
    }


def _sessions(db: Db, ids: Collection[int]) -> dict[int, ClinicSession]:
    return {
        session.id: session
        for some in batches(sorted(ids), _AT_ONCE)
        for session in db.scalars(select(ClinicSession).where(ClinicSession.id.in_(some)))
    }
