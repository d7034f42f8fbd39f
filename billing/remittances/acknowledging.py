"""Received payment files are acknowledged: a 999 to each sender, and a TA1 where one was asked for.

A route of ``relay`` that goes through each file twice: only its content says how many answers there are,
so it is read first, and then numbered, written, kept and handed over. After a crash an answer goes again
under another number, which its receiver takes for the same news once more. What has no address to
answer to is noted as such, or it would be due for ever.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from billing import clock
from billing.claims.filing.preparing import INTERCHANGE_SERIES, FileSettings
from billing.clinic.models import Clinic
from billing.clinic.numbering import take_numbers
from billing.database import Db
from billing.documents.keeping import NewDocument, keep
from billing.documents.models import Document
from billing.documents.receiving import OWNER_KIND
from billing.edi.acknowledgements.answer import GroupAnswer, InterchangeAnswer
from billing.edi.acknowledgements.judging import Reply, acknowledge, reply_envelope
from billing.edi.acknowledgements.writer import encode_999, encode_ta1
from billing.edi.envelope_writer import Envelope, Usage
from billing.edi.findings import Finding
from billing.edi.remittance_835.reader import read_835
from billing.errors import NotFound, Refused
from billing.ports import Clearinghouse, DocumentStore
from billing.relay import Delivery, Route

PAYMENT_FILE = "835"
"""The kind of document that a received payment file is."""
OF_GROUPS, OF_INTERCHANGES = "999", "TA1"
"""The kinds of document that its acknowledgements are."""
NONE = "no acknowledgement"
"""The kind of document that says why there is none."""

_WHY_NONE = b"Nothing in this file could be acknowledged: it names no sender that X12 can address.\n"


@dataclass(frozen=True, slots=True)
class Mail:
    """The answers of one kind to one sender: one interchange."""

    kind: str
    replies: tuple[Reply, ...]


@dataclass(frozen=True, slots=True)
class FileToAcknowledge:
    """A received payment file; once it has been read, with its answers and a number for each."""

    file_id: int
    sha256: str
    at: datetime
    """The clinic's wall clock."""
    mails: tuple[Mail, ...] | None = None
    numbers: range = range(0)


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """What was read off a file, or what was sent for it."""

    mails: tuple[Mail, ...] = ()
    kept: tuple[NewDocument, ...] = ()


def acknowledging_route(
    documents: DocumentStore, clearinghouse: Clearinghouse, settings: FileSettings
) -> Route[FileToAcknowledge, Acknowledged]:
    """The route from received payment files to their acknowledgements."""
    read: dict[int, tuple[Mail, ...]] = {}
    """The answers of each file that has been read."""

    def take_file(db: Db, limit: int) -> list[FileToAcknowledge]:
        return take(db, limit, read, clock.now())

    def deliver(letter: FileToAcknowledge) -> Acknowledged:
        if letter.mails is None:
            return Acknowledged(mails=_mails(documents, letter, settings.usage))
        kept: list[NewDocument] = []
        for name, kind, content in _written(letter, settings.usage):
            sha256 = documents.put(content)
            clearinghouse.submit(name, content)
            kept.append(_document(letter, kind, name, "application/edi-x12", sha256, len(content), len(kept) + 1))
        if not kept:
            sha256 = documents.put(_WHY_NONE)
            kept.append(_document(letter, NONE, "no-acknowledgement.txt", "text/plain", sha256, len(_WHY_NONE), 1))
        return Acknowledged(kept=tuple(kept))

    def record(db: Db, deliveries: Sequence[Delivery[FileToAcknowledge, Acknowledged]]) -> None:
        for one in deliveries:
            if one.outcome and one.letter.mails is None:
                read[one.letter.file_id] = one.outcome.mails
            elif one.outcome:
                keep(db, one.outcome.kept, clock.now())

    return Route("acknowledgements", take_file, deliver, record)


def take(db: Db, limit: int, read: dict[int, tuple[Mail, ...]], at: datetime) -> list[FileToAcknowledge]:
    """At most ``limit`` payment files that nothing was answered to, oldest first, as long as there is a clinic.

    Those in ``read`` come with their answers, and with the numbers of the interchanges these will be.
    """
    clinic = db.get(Clinic, 1)
    if clinic is None:
        return []
    answered = select(Document.owner_id).where(
        Document.owner_kind == OWNER_KIND, Document.kind.in_((OF_GROUPS, OF_INTERCHANGES, NONE))
    )
    due = db.execute(
        select(Document.owner_id, Document.sha256)
        .where(Document.owner_kind == OWNER_KIND, Document.kind == PAYMENT_FILE, Document.owner_id.not_in(answered))
        .order_by(Document.owner_id)
        .limit(limit)
    ).all()
    local = clock.local(at, clinic.time_zone)
    return [
        FileToAcknowledge(file_id, sha256, local, mails, _numbers(db, mails))
        for file_id, sha256 in due
        for mails in [read.get(file_id)]
    ]


def _numbers(db: Db, mails: tuple[Mail, ...] | None) -> range:
    return take_numbers(db, INTERCHANGE_SERIES, len(mails)) if mails else range(0)


def _mails(documents: DocumentStore, letter: FileToAcknowledge, usage: Usage) -> tuple[Mail, ...]:
    """What a file is to be answered, together for each sender; not what cannot be addressed."""
    try:
        content = documents.get(letter.sha256)
    except NotFound:
        return ()
    findings: list[Finding] = []
    for _ in read_835(content, findings):
        pass
    alike: dict[tuple[str, Envelope], list[Reply]] = {}
    for reply in acknowledge(content, findings, today=letter.at.date()).replies:
        kind = OF_INTERCHANGES if isinstance(reply.answer, InterchangeAnswer) else OF_GROUPS
        if (envelope := _envelope(reply, 1, letter.at, usage)) is not None:
            alike.setdefault((kind, envelope), []).append(reply)
    mails = (Mail(kind, tuple(replies)) for (kind, _), replies in alike.items())
    return tuple(mail for mail in mails if _encoded(mail, 1, letter.at, usage))


def _envelope(reply: Reply, number: int, at: datetime, usage: Usage) -> Envelope | None:
    """Back to where it came from; ``None`` when its envelope does not say where, or not in a way X12 can."""
    try:
        return reply_envelope(reply.interchange, reply.group, number, at, usage) if reply.interchange else None
    except ValueError:
        return None


def _encoded(mail: Mail, number: int, at: datetime, usage: Usage) -> bytes:
    """The interchange; empty when what it would have to repeat of the received envelope cannot be written."""
    envelope = _envelope(mail.replies[0], number, at, usage)
    if envelope is None:
        return b""
    answers = [reply.answer for reply in mail.replies]
    try:
        if mail.kind == OF_INTERCHANGES:
            return encode_ta1([one for one in answers if isinstance(one, InterchangeAnswer)], envelope)
        return encode_999([one for one in answers if isinstance(one, GroupAnswer)], envelope)
    except (ValueError, Refused):
        return b""


def _written(letter: FileToAcknowledge, usage: Usage) -> Iterator[tuple[str, str, bytes]]:
    """Name, kind and content of each interchange."""
    for mail, number in zip(letter.mails or (), letter.numbers, strict=True):
        yield f"{letter.at:%Y%m%d}-{number:09d}.{mail.kind}", mail.kind, _encoded(mail, number, letter.at, usage)


def _document(
    letter: FileToAcknowledge, kind: str, name: str, media_type: str, sha256: str, size: int, version: int
) -> NewDocument:
    return NewDocument(OWNER_KIND, letter.file_id, kind, name, media_type, sha256, size, version)
