"""The claim acknowledgement (277CA) of one payer: what it has taken and what it has refused."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from billing.adapters.sandbox.chance import Chance
from billing.adapters.sandbox.deciding import patient_of, payer_claim_number
from billing.edi.claim_837p.claim import ClaimBatch, ProfessionalClaim
from billing.edi.claim_status.acknowledged_file import (
    ACCEPTS,
    REJECTS,
    AcknowledgedClaim,
    AcknowledgedFile,
    AcknowledgedProvider,
)
from billing.edi.claim_status.status import Statement, Status
from billing.edi.parties import Organisation, Party, Person
from billing.edi.text import plain_text

_TAKEN = Status("A2", "20", "PR")


@dataclass(frozen=True, slots=True)
class Screened:
    """A claim of a file, and why it was refused, if it was."""

    claim: ProfessionalClaim
    rejection: Status | None


def acknowledged(
    batch: ClaimBatch, screened: Sequence[Screened], reference: str, chance: Chance, on: date
) -> AcknowledgedFile:
    """What one payer says of its claims in a batch; ``chance`` is that of the payer, ``screened`` is not empty."""
    payer = screened[0].claim.payer
    by_provider: dict[str, list[Screened]] = {}
    for one in screened:
        by_provider.setdefault(one.claim.billing_provider.npi, []).append(one)
    return AcknowledgedFile(
        payer_name=plain_text(payer.name),
        payer_identifier=plain_text(payer.identifier),
        receiver=_plain(batch.submitter.name),
        receiver_identifier=plain_text(batch.submitter.identifier),
        reference=reference,
        claim_file=plain_text(batch.reference),
        received_on=on,
        processed_on=on,
        providers=tuple(_provider(some, chance, on) for some in by_provider.values()),
    )


def _provider(screened: Sequence[Screened], chance: Chance, on: date) -> AcknowledgedProvider:
    provider = screened[0].claim.billing_provider
    return AcknowledgedProvider(
        name=_plain(provider.name),
        npi=provider.npi,
        claims=tuple(_claim(one, chance, on) for one in screened),
    )


def _claim(screened: Screened, chance: Chance, on: date) -> AcknowledgedClaim:
    claim, rejection = screened.claim, screened.rejection
    days = _days(claim, on)
    action = REJECTS if rejection else ACCEPTS
    return AcknowledgedClaim(
        patient=_person(patient_of(claim)),
        member_id=plain_text(claim.subscriber.member_id),
        control_number=plain_text(claim.control_number),
        statements=(Statement((rejection or _TAKEN,), on, action, claim.total_cents),),
        service_from=min(days),
        service_through=max(days),
        payer_claim_number="" if rejection else payer_claim_number(claim, chance),
    )


def _days(claim: ProfessionalClaim, otherwise: date) -> Iterable[date]:
    days = [day for line in claim.lines for day in (line.service_on, line.service_through) if day]
    return days or [otherwise]


def _person(party: Party) -> Person:
    """The patient's name; an organisation that was sent in its place stands as the last name."""
    return Person(plain_text(party.name)) if isinstance(party, Organisation) else _plain_person(party)


def _plain(party: Party) -> Party:
    return Organisation(plain_text(party.name)) if isinstance(party, Organisation) else _plain_person(party)


def _plain_person(person: Person) -> Person:
    return Person(*map(plain_text, (person.last, person.first, person.middle, person.suffix)))
