"""Claim acknowledgements to a 277CA interchange (X12 005010X214), as a payer writes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from billing.edi.claim_status.acknowledged_file import (
    ACCEPTS,
    REJECTS,
    AcknowledgedClaim,
    AcknowledgedFile,
    AcknowledgedLine,
    AcknowledgedProvider,
)
from billing.edi.claim_status.guide_277ca import GUIDE_277CA, VERSION_277CA
from billing.edi.claim_status.status import Statement, Status
from billing.edi.envelope_writer import Envelope, InterchangeWriter
from billing.edi.parties import Party, Person
from billing.edi.party_segments import party
from billing.edi.segment_writer import AddSegment, amount, day
from billing.edi.self_check import refuse_faults

_FURTHER_STATUSES = 2


def encode_277ca(files: Sequence[AcknowledgedFile], envelope: Envelope) -> bytes:
    """One interchange with a transaction set for each of ``files``, ASCII, one segment a line.

    Raises :class:`~billing.errors.Refused` with all problems when the table of the guide refuses a value (a claim
    without a statement, a statement without action or amount ...), and ``ValueError`` when there are no
    files or a text holds a separator or a character outside printable ASCII.
    """
    if not files:
        raise ValueError("an interchange without a transaction set is none")
    writer = InterchangeWriter(envelope, "HN", VERSION_277CA)
    for file in files:
        writer.begin("277")
        at = envelope.created_at
        writer.add("BHT", "0085", "08", file.reference, day(at), f"{at:%H%M}", "TH")
        _Levels(writer.add).add_file(file)
        writer.end()
    return refuse_faults(writer.finish(), GUIDE_277CA, "a 277CA")


class _Levels:
    """Writes the levels of one transaction set and numbers them."""

    def __init__(self, add: AddSegment) -> None:
        """Begin at level 1."""
        self.add = add
        self.level = 0

    def add_file(self, file: AcknowledgedFile) -> None:
        """Write payer (2000A) and receiver (2000B) and all below."""
        payer = self._add_level("", "20", "1")
        self.add("NM1", "PR", "2", file.payer_name, "", "", "", "", "PI", file.payer_identifier)
        self.add("TRN", "1", file.reference)
        self.add("DTP", "050", "D8", day(file.received_on))
        self.add("DTP", "009", "D8", day(file.processed_on))
        receiver = self._add_level(payer, "21", "1" if file.providers else "0")
        self.add("NM1", "41", *party(_without_suffix(file.receiver), "46", file.receiver_identifier))
        self.add("TRN", "2", file.claim_file)
        self._add_statement(_of_all(file.claims, file.statuses, file.processed_on))
        self._add_totals(file.claims, "90", "AA")
        for provider in file.providers:
            self._add_provider(provider, receiver)

    def _add_level(self, parent: str, code: str, child: str) -> str:
        self.level += 1
        self.add("HL", str(self.level), parent, code, child)
        return str(self.level)

    def _add_provider(self, provider: AcknowledgedProvider, receiver: str) -> None:
        level = self._add_level(receiver, "19", "1" if provider.claims else "0")
        self.add("NM1", "85", *party(provider.name, "XX", provider.npi))
        self.add("TRN", "1", "0")
        self._add_statement(_of_all(provider.claims, provider.statuses, None))
        self._add_totals(provider.claims, "QA", "QC")
        for claim in provider.claims:
            self._add_claim(claim, level)

    def _add_claim(self, claim: AcknowledgedClaim, provider: str) -> None:
        self._add_level(provider, "PT", "")
        self.add("NM1", "QC", *party(claim.patient, "MI", claim.member_id))
        self.add("TRN", "2", claim.control_number)
        for statement in claim.statements:
            self._add_statement(statement)
        self._add_reference("1K", claim.payer_claim_number)
        self._add_reference("D9", claim.clearinghouse_number)
        first, last = claim.service_from, claim.service_through
        if last and last != first:
            self.add("DTP", "472", "RD8", f"{day(first)}-{day(last)}")
        else:
            self.add("DTP", "472", "D8", day(first))
        for line in claim.lines:
            self._add_line(line)

    def _add_line(self, line: AcknowledgedLine) -> None:
        self.add("SVC", ("HC", line.procedure, *line.modifiers), amount(line.charge_cents))
        self._add_statement(line.statement)
        self._add_reference("FJ", line.control_number)
        if line.service_on:
            self.add("DTP", "472", "D8", day(line.service_on))

    def _add_reference(self, qualifier: str, value: str) -> None:
        if value:
            self.add("REF", qualifier, value)

    def _add_statement(self, statement: Statement) -> None:
        first, *further = (_composite(status) for status in statement.statuses or (Status("", ""),))
        if len(further) > _FURTHER_STATUSES:
            raise ValueError("an STC has room for three statuses")
        further += [("",)] * (_FURTHER_STATUSES - len(further))
        said_on = day(statement.said_on) if statement.said_on else ""
        total = "" if statement.total_cents is None else amount(statement.total_cents)
        gap = ("",) * 5
        self.add("STC", first, said_on, statement.action, total, *gap, *further, statement.message)

    def _add_totals(self, claims: Sequence[AcknowledgedClaim], accepted: str, rejected: str) -> None:
        """QTY and AMT of the claims taken and of those refused; none of a kind, nothing said."""
        taken = [claim.total_cents for claim in claims if not claim.is_rejected]
        refused = [claim.total_cents for claim in claims if claim.is_rejected]
        kinds = ((accepted, "YU", taken), (rejected, "YY", refused))
        for qualifier, _, totals in kinds:
            if totals:
                self.add("QTY", qualifier, str(len(totals)))
        for _, qualifier, totals in kinds:
            if totals:
                self.add("AMT", qualifier, amount(sum(totals)))


def _of_all(claims: Sequence[AcknowledgedClaim], statuses: tuple[Status, ...], said_on: date | None) -> Statement:
    """What is said of several claims at once, which are refused only when none of them was taken."""
    action = REJECTS if all(claim.is_rejected for claim in claims) else ACCEPTS
    return Statement(statuses, said_on, action, sum(claim.total_cents for claim in claims))


def _composite(status: Status) -> tuple[str, ...]:
    return (status.category, status.code, status.entity)


def _without_suffix(name: Party) -> Party:
    """Loop 2100B has no room for a suffix."""
    return replace(name, suffix="") if isinstance(name, Person) else name
