"""Ready claims are written into a file whose bytes are kept before anything else knows of it.

A route of ``relay`` with the document store as its world: *take* builds the claims and draws the
file's number, *deliver* encodes and keeps the bytes, *record* freezes the claims and names the file,
if nobody has touched them meanwhile. A crash in between costs a control number and an orphan of bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert, select, update

from billing import clock
from billing.claims.content.encoding import line_control_number, submitter
from billing.claims.content.snapshot import SNAPSHOT, FiledClaim
from billing.claims.filing.composing import composed, on_file
from billing.claims.lifecycle import ClaimState
from billing.claims.models import Claim, ClaimFile, FiledLine, FiledVersion, FileState
from billing.clinic.numbering import take_numbers
from billing.clinic.queries import the_clinic
from billing.database import Db
from billing.documents.keeping import NewDocument, keep
from billing.edi.claim_837p.claim import ClaimBatch, Receiver
from billing.edi.claim_837p.writer import encode_837p
from billing.edi.envelope_writer import Envelope, Usage
from billing.ports import DocumentStore
from billing.relay import Delivery, Route
from billing.sessions.models import ClinicSession

CLAIMS_A_FILE = 500
CLAIM_FILE = "837P"
"""The kind of document that a claim file is."""
INTERCHANGE_SERIES = "interchange"


@dataclass(frozen=True, slots=True)
class FileSettings:
    """What the installation says about its claim files."""

    receiver: Receiver
    usage: Usage


@dataclass(frozen=True, slots=True)
class ReadyClaim:
    """One claim as it will be filed, and what it is made of."""

    claim_id: int
    total_cents: int
    filed: FiledClaim
    charge_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class FileToPrepare:
    """The claims of one file, and its envelope."""

    batch: ClaimBatch
    envelope: Envelope
    claims: tuple[ReadyClaim, ...]
    name: str


@dataclass(frozen=True, slots=True)
class KeptFile:
    """Where the bytes of a file are kept."""

    sha256: str
    size: int


def preparing_route(documents: DocumentStore, settings: FileSettings) -> Route[FileToPrepare, KeptFile]:
    """The route from ready claims to prepared files."""

    def take_file(db: Db, _limit: int) -> list[FileToPrepare]:
        return take(db, settings, clock.now())

    def deliver(letter: FileToPrepare) -> KeptFile:
        content = encode_837p(letter.batch, letter.envelope)
        return KeptFile(documents.put(content), len(content))

    def record_files(db: Db, deliveries: Sequence[Delivery[FileToPrepare, KeptFile]]) -> None:
        for one in deliveries:
            if one.outcome:
                record(db, one.letter, one.outcome, clock.now())

    def lighten(letter: FileToPrepare) -> FileToPrepare:
        return replace(letter, claims=(), batch=replace(letter.batch, claims=()))

    return Route("claim files", take_file, deliver, record_files, lighten=lighten)


def take(db: Db, settings: FileSettings, at: datetime) -> list[FileToPrepare]:
    """At most one file of ready claims that wait in none yet, by patient."""
    rows = db.execute(
        select(Claim, ClinicSession.patient_id, ClinicSession.service_on)
        .join(ClinicSession, ClinicSession.id == Claim.session_id)
        .where(Claim.state == ClaimState.READY, Claim.file_id.is_(None))
        .order_by(ClinicSession.patient_id, ClinicSession.service_on, Claim.id)
        .limit(CLAIMS_A_FILE)
    ).all()
    if not rows:
        return []
    claims = [row[0] for row in rows]
    ready = _ready(db, claims, sorted({row[1] for row in rows}), max(row[2] for row in rows))
    if not ready:
        return []
    clinic = the_clinic(db)
    (number,) = take_numbers(db, INTERCHANGE_SERIES, 1)
    sender = submitter(clinic)
    batch = ClaimBatch(sender, settings.receiver, f"{number:09d}", tuple(one.filed.claim for one in ready))
    envelope = Envelope(
        sender_id=sender.identifier[:15],
        receiver_id=settings.receiver.identifier[:15],
        interchange_number=number,
        group_number=number,
        created_at=clock.local(at, clinic.time_zone),
        usage=settings.usage,
    )
    return [FileToPrepare(batch, envelope, tuple(ready), f"{envelope.created_at:%Y%m%d}-{number:09d}.837")]


def _ready(db: Db, claims: Sequence[Claim], patient_ids: Sequence[int], through: date) -> list[ReadyClaim]:
    """The claims as they will be filed; without those whose earlier payer has just taken its decision back."""
    known = on_file(db, claims, patient_ids, through)
    return [
        ReadyClaim(
            claim.id,
            claim.total_cents,
            composed(claim, known),
            tuple(charge.id for charge in known.charges[claim.session_id]),
        )
        for claim in claims
        if known.is_in_turn(claim)
    ]


def record(db: Db, letter: FileToPrepare, kept: KeptFile, at: datetime) -> None:
    """Freeze the claims of a file and name its bytes.

    Nothing is written when a claim has changed since it was taken, or was written into a file by another process:
    what is still ready is taken anew.
    """
    if not _are_as_taken(db, letter.claims):
        return
    file_id = db.scalars(
        insert(ClaimFile).returning(ClaimFile.id),
        [
            {
                "control_number": letter.envelope.interchange_number,
                "name": letter.name,
                "sha256": kept.sha256,
                "state": FileState.PREPARED,
                "prepared_at": at,
            }
        ],
    ).one()
    db.execute(update(Claim), [{"id": one.claim_id, "file_id": file_id} for one in letter.claims])
    db.execute(insert(FiledVersion), [_version(one, file_id, at) for one in letter.claims])
    db.execute(insert(FiledLine), [line for one in letter.claims for line in _lines(one)])
    keep(
        db,
        [NewDocument("claim_file", file_id, CLAIM_FILE, letter.name, "application/edi-x12", kept.sha256, kept.size)],
        at,
    )


def _are_as_taken(db: Db, claims: Sequence[ReadyClaim]) -> bool:
    """Whether all of them are still ready and in no file; if so, nobody else changes them meanwhile."""
    found = db.execute(
        select(Claim.id, Claim.total_cents)
        .where(
            Claim.id.in_([one.claim_id for one in claims]),
            Claim.state == ClaimState.READY,
            Claim.file_id.is_(None),
        )
        .order_by(Claim.id)
        .with_for_update()
    ).all()
    return {(row.id, row.total_cents) for row in found} == {(one.claim_id, one.total_cents) for one in claims}


def _version(one: ReadyClaim, file_id: int, at: datetime) -> dict[str, Any]:
    return {
        "claim_id": one.claim_id,
        "version": 1,
        "file_id": file_id,
        "frozen_at": at,
        "total_cents": one.total_cents,
        "snapshot": SNAPSHOT.dump_python(one.filed, mode="json"),
    }


def _lines(one: ReadyClaim) -> list[dict[str, Any]]:
    return [
        {
            "claim_id": one.claim_id,
            "version": 1,
            "position": position,
            "charge_id": charge_id,
            "control_number": line_control_number(one.filed.claim.control_number, position),
        }
        for position, charge_id in enumerate(one.charge_ids, start=1)
    ]
