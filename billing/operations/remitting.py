"""Payment files: kept, read, and each payment in them posted whole or queued whole.

A payment is one transaction, so that whatever stops the run leaves some payments posted and the others as if
they had never been read. The same file again posts what is missing and tells of the rest that it is repeated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from billing import clock
from billing.claims.assembly.secondary import secondaries
from billing.claims.filing.preparing import FileSettings
from billing.clinic.queries import the_clinic
from billing.database import Database, Db
from billing.documents.receiving import Received, name_of, receive
from billing.edi.findings import Finding
from billing.edi.kinds import kind_of
from billing.edi.remittance_835.reader import read_835
from billing.errors import Conflict, DatabaseAway, MeridianError, Severity
from billing.money import text_from_cents
from billing.operations.coming_files import ComingFile
from billing.payments.allocating import allocate
from billing.ports import Clearinghouse, DocumentStore
from billing.relay import attempt, climb, relay
from billing.remittances.acknowledging import PAYMENT_FILE, acknowledging_route
from billing.remittances.booking import BY
from billing.remittances.incoming import Fate, IncomingPayment, Judged, Unfit, told
from billing.remittances.posting import post_payment
from billing.remittances.queueing import queue_file, queue_payment

_AGAIN = "Nothing of it was posted; give the file again."
_ELSEWHERE = {
    **dict.fromkeys(("999", "997", "TA1", "277CA", "277", "271"), "give it to: meridian answers"),
    "837": "it is a claim file, which asks for payment",
}
"""What to do with files that hold no payment."""


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A payment file that is in the store and registered."""

    file_id: int
    sha256: str
    content: bytes
    kind: str


@dataclass(slots=True)
class Report:
    """What became of the payments of some files."""

    posted: list[dict[str, Any]] = field(default_factory=list)
    queued: list[dict[str, Any]] = field(default_factory=list)
    repeated: list[dict[str, Any]] = field(default_factory=list)
    waiting: int = 0
    """How many of them wait for a person."""
    failures: list[str] = field(default_factory=list)
    """What the outside world would not take; it is due again next time."""
    judged: list[tuple[str, Judged]] = field(default_factory=list)
    """Every payment with the file it came in, in the order in which they were judged."""

    @property
    def is_left_for_a_person(self) -> bool:
        """Whether somebody has to look at a payment, or something could not be handed over."""
        return bool(self.waiting or self.failures)

    def as_json(self) -> dict[str, list[Any]]:
        """What ``meridian remit --json`` prints; ``failures`` only if there are any."""
        told: dict[str, list[Any]] = {"posted": self.posted, "queued": self.queued, "repeated": self.repeated}
        return {**told, "failures": self.failures} if self.failures else told

    def as_text(self) -> str:
        """The same for people."""
        lines = [f"{_place(one)}: posted, {one['claims']} claims, {one['paid']}" for one in self.posted]
        lines += [f"{_place(one)}: repeated" for one in self.repeated]
        for one in self.queued:
            lines += [f"{_place(one)}: QUEUED. {one['why']}", *indented(one["arithmetic"])]
        lines += self.failures
        counts = f"{len(self.posted)} posted, {len(self.repeated)} repeated, {self.waiting} left for a person"
        lines.append(f"Payments: {counts}.")
        return "\n".join(lines)

    def tell(self, file: str, judged: Judged) -> None:
        """Add a payment."""
        self.judged.append((file, judged))
        entry: dict[str, Any] = {"file": file, "payment": judged.payment or None}
        if judged.fate is Fate.POSTED:
            self.posted.append(entry | {"claims": judged.claims, "paid": text_from_cents(judged.paid_cents)})
        elif judged.fate is Fate.QUEUED:
            self.queued.append(entry | {"why": judged.why, "arithmetic": judged.arithmetic})
        else:
            self.repeated.append(entry)
        self.waiting += judged.waits


def _place(entry: dict[str, Any]) -> str:
    return f"{entry['file']}, payment {entry['payment']}" if entry["payment"] else entry["file"]


def indented(text: str) -> list[str]:
    """The lines of a text, each set in."""
    return [f"    {line}" for line in text.splitlines()]


def remit(
    database: Database,
    documents: DocumentStore,
    files: Sequence[ComingFile],
    progress: Callable[[int], None] = lambda done: None,
) -> Report:
    """Take in payment files one after the other.

    ``progress`` hears how many payments have been judged. A file that cannot be read or kept, and a payment
    that could not be judged, are told of and hold up no other.
    """
    report = Report()
    done = 0
    for file in files:
        for judged in _remit_coming(database, documents, file):
            report.tell(name_of(file.name), judged)
            done += 1
            progress(done)
    if report.posted:
        climb(database, bill_next_payers)
    return report


def take_in_payments(
    database: Database,
    documents: DocumentStore,
    acknowledgements: Clearinghouse,
    settings: FileSettings,
    files: Sequence[ComingFile],
    progress: Callable[[int], None] = lambda done: None,
) -> Report:
    """Take in payment files, then acknowledge every one that has not been; ``progress`` is that of :func:`remit`."""
    report = remit(database, documents, files, progress)
    report.failures += acknowledge_files(database, documents, acknowledgements, settings)
    return report


def bill_next_payers(db: Db, after_patient: int) -> int | None:
    """Make claims for what payers left to the next one; a stage."""
    return secondaries(db, after_patient, clock.today(the_clinic(db).time_zone), str(BY))


def _remit_coming(database: Database, documents: DocumentStore, file: ComingFile) -> Iterator[Judged]:
    try:
        content = file.read_bytes()
    except OSError as error:
        yield Judged(Fate.QUEUED, "", why=f"The file cannot be read: {error.strerror}.", waits=True)
        return
    try:
        kept = keep_file(database, documents, file.name, content)
    except DatabaseAway:
        raise
    except MeridianError as error:
        yield Judged(Fate.QUEUED, "", why=f"{error} {_AGAIN}", waits=True)
        return
    yield from remit_file(database, kept)


def keep_file(database: Database, documents: DocumentStore, file_name: str, content: bytes) -> KeptFile:
    """Keep a file and register it, whatever it holds. Raises :class:`MeridianError` when that fails."""
    kind, sha256 = kind_of(content), documents.put(content)

    def act(db: Db) -> Received:
        return receive(db, file_name, sha256, len(content), kind, clock.now())

    return KeptFile(attempt(database, act, Conflict, lambda db, _: act(db)).file_id, sha256, content, kind)


def remit_file(database: Database, kept: KeptFile) -> Iterator[Judged]:
    """Post or queue each payment of a file, in order; a file without any is queued itself."""
    findings: list[Finding] = []
    ordinal = 0
    for ordinal, remittance in enumerate(read_835(kept.content, findings), start=1):
        yield _judge(database, IncomingPayment(remittance, kept.file_id, ordinal))
    if not ordinal:
        yield _queue_file(database, kept, findings)


def _judge(database: Database, payment: IncomingPayment) -> Judged:
    at = clock.now()

    def act(db: Db) -> Judged:
        posted = post_payment(db, payment, at)
        allocate(db, posted.patient_ids, at)
        return posted

    def otherwise(db: Db, unfit: Unfit) -> Judged:
        return queue_payment(db, payment, unfit.reasons, at)

    try:
        return attempt(database, act, Unfit, otherwise)
    except DatabaseAway:
        raise
    except MeridianError as error:
        return Judged(Fate.QUEUED, payment.header.trace_number, why=f"{error} {_AGAIN}", waits=True)


def _queue_file(database: Database, kept: KeptFile, findings: Sequence[Finding]) -> Judged:
    why = why_no_payment(kept.kind, findings)

    def act(db: Db) -> Judged:
        return queue_file(db, kept.file_id, kept.sha256, why, clock.now())

    try:
        return attempt(database, act, Conflict, lambda db, _: act(db))
    except DatabaseAway:
        raise
    except MeridianError as error:
        return Judged(Fate.QUEUED, "", why=f"{error} {_AGAIN}", waits=True)


def why_no_payment(kind: str, findings: Sequence[Finding]) -> str:
    """Why a file holds no payment, as far as anyone can tell."""
    if kind == PAYMENT_FILE:
        return told(["It is a payment file in which no payment could be read", *(one.why for one in findings)])
    if not kind:
        # Of less weight there may be much that means nothing, and it may quote what is no X12.
        weighty = [one.why for one in findings if one.severity is Severity.BLOCK]
        return told(["It holds no payment: it is no X12 file, or is broken before it begins", *weighty])
    what_to_do = _ELSEWHERE.get(kind, "nothing here can read it")
    return f"It holds no payment: it is a {kind}; {what_to_do}"


def acknowledge_files(
    database: Database, documents: DocumentStore, clearinghouse: Clearinghouse, settings: FileSettings
) -> list[str]:
    """Acknowledge every payment file that has not been; returns what the outside world would not take."""
    deliveries = relay(database, acknowledging_route(documents, clearinghouse, settings))
    return list(dict.fromkeys(str(one.failure) for one in deliveries if one.failure))
