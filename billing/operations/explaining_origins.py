"""Where entries in a patient's books come from: decisions, payers' payments, patients' payments, and the kept files."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from billing.claims.decisions import Decision, decisions_about
from billing.claims.models import Claim, ClaimFile, FiledLine, FiledVersion
from billing.clinic.queries import the_clinic
from billing.clock import local
from billing.database import Db, batches
from billing.documents.models import ReceivedFile
from billing.invoices.patient_account import origin
from billing.invoices.patient_books import Books
from billing.ledger.accounts import owed_by_patient
from billing.payers.models import Payer
from billing.payments.account import About, parted
from billing.payments.models import Payment, Refund
from billing.remittances.models import Remittance

_REMITTANCE, _DEPOSIT = "remittance", "deposit"
_CHARGES_AT_ONCE = 5000


@dataclass(frozen=True, slots=True)
class Filing:
    """A charge as a line of a claim in a file."""

    claim: str
    """The claim's control number."""
    line: str
    """The line's control number."""
    payer: str
    file: str
    """Its name."""
    sha256: str
    sent_on: date | None
    """The clinic's day; ``None`` while nobody has it."""


@dataclass(frozen=True, slots=True)
class Origins:
    """Where entries come from."""

    decisions: Mapping[int, Sequence[Decision]]
    """By charge."""
    filings: Mapping[int, Sequence[Filing]]
    """By charge."""
    remittances: Mapping[int, Remittance]
    files: Mapping[int, ReceivedFile]
    """The files that the remittances came in."""
    payments: Mapping[int, Payment]
    refunds: Mapping[int, Refund]
    parts: Mapping[int, Mapping[About, int]]
    """What is left of each standing payment by what it was booked about, in the order of entry."""
    zone: str

    def decision(self, charge_id: int, entry: str) -> Decision | None:
        """The decision about a charge that an entry books."""
        return next((one for one in self.decisions.get(charge_id, ()) if one.entry == entry), None)

    def money(self, kind: str, number: int) -> Payment | Refund | None:
        """The payment or the refund of that number."""
        if kind == "payment":
            return self.payments.get(number)
        return self.refunds.get(number) if kind == "refund" else None

    def place_of(self, decision: Decision) -> str:
        """Where a decision is to be read: ``claim 3 of payment 88001 in the file march.835``; empty when not known."""
        remittance = self.remittances.get(remittance_of(decision.source))
        if remittance is None:
            return ""
        ordinal = decision.source.rpartition(":")[2]
        name = self.files[remittance.file_id].file_name
        return f"claim {ordinal} of payment {remittance.trace_number} in the file {name}"

    def file_lines(self) -> Iterator[str]:
        """Every file, with the hash under which it is kept."""
        filed = {one.file: one for own in self.filings.values() for one in own if one.sent_on}
        for one in filed.values():
            yield f"  {one.file}, sent on {one.sent_on}, SHA-256 {one.sha256}"
        for number in sorted({one.file_id for one in self.remittances.values()}):
            file = self.files[number]
            yield f"  {file.file_name}, received on {local(file.received_at, self.zone).date()}, SHA-256 {file.sha256}"


def read_origins(db: Db, books: Books, recorded_by: datetime | None = None) -> Origins:
    """Where all entries of a patient's books come from; a fixed number of queries.

    ``recorded_by`` leaves out what was filed after that instant.
    """
    zone = the_clinic(db).time_zone
    decisions = decisions_about(db, books.services.charges)
    sources = [one.source for found in decisions.values() for one in found]
    sources += [origin(entry.source) for entry in books.entries]
    accounts = [line.account for entry in books.entries for line in entry.lines]
    wanted = {remittance_of(source) for source in (*sources, *accounts)} - {0}
    remittances = {one.id: one for one in db.scalars(select(Remittance).where(Remittance.id.in_(wanted)))}
    file_ids = {one.file_id for one in remittances.values()}
    payments = select(Payment).where(Payment.patient_id == books.patient_id)
    refunds = select(Refund).join(Payment, Payment.id == Refund.payment_id)
    refunded = {one.id: one for one in db.scalars(refunds.where(Payment.patient_id == books.patient_id))}
    return Origins(
        decisions,
        _filings(db, books.services.charges, zone, recorded_by),
        remittances,
        {one.id: one for one in db.scalars(select(ReceivedFile).where(ReceivedFile.id.in_(file_ids)))},
        {one.id: one for one in db.scalars(payments)},
        refunded,
        _parts(books, refunded),
        zone,
    )


def remittance_of(code: str) -> int:
    """The remittance in ``remittance:5:claim:1`` or ``deposit:5``; zero when none is named."""
    kind, _, rest = code.partition(":")
    number = rest.partition(":")[0]
    return int(number) if kind in {_REMITTANCE, _DEPOSIT} and number.isdecimal() else 0


def _filings(db: Db, charge_ids: Iterable[int], zone: str, recorded_by: datetime | None) -> dict[int, list[Filing]]:
    found: dict[int, list[Filing]] = defaultdict(list)
    limits = [] if recorded_by is None else [FiledVersion.frozen_at <= recorded_by]
    for batch in batches(charge_ids, _CHARGES_AT_ONCE):
        rows = db.execute(
            select(FiledLine.charge_id, FiledLine.control_number, Claim.control_number, Payer.name, ClaimFile)
            .join(Claim, Claim.id == FiledLine.claim_id)
            .join(
                FiledVersion,
                (FiledVersion.claim_id == FiledLine.claim_id) & (FiledVersion.version == FiledLine.version),
            )
            .join(ClaimFile, ClaimFile.id == FiledVersion.file_id)
            .outerjoin(Payer, Payer.id == Claim.payer_id)
            .where(FiledLine.charge_id.in_(batch), *limits)
            .order_by(FiledLine.claim_id, FiledLine.version, FiledLine.position)
        )
        for charge_id, line, claim, payer, file in rows:
            sent_on = local(file.sent_at, zone).date() if file.sent_at else None
            found[charge_id].append(Filing(claim, line, payer or "", file.name, file.sha256, sent_on))
    return found


def _parts(books: Books, refunds: Mapping[int, Refund]) -> dict[int, dict[About, int]]:
    """What is left of each payment that stands in these books, by what it was booked about."""
    own = owed_by_patient(books.patient_id)
    found: dict[int, Counter[About]] = defaultdict(Counter)
    for entry in books.entries:
        kind, number = parted(entry.source)
        if f"reversal:{entry.source}" in books.sources or kind not in {"payment", "refund"}:
            continue
        payment_id = number if kind == "payment" else refunds[number].payment_id
        for line in entry.lines:
            if line.account == own:
                found[payment_id][line.about] -= line.cents
    return {
        payment_id: {about: cents for about, cents in found[payment_id].items() if cents > 0}
        for payment_id in sorted(found)
    }
