"""Professional claims to an 837P interchange (X12 005010X222A1): envelope, parties and hierarchy.

Claims are grouped the way the guide nests them: billing provider (2000A), subscriber with payer
(2000B), patient (2000C). A subscriber who is the patient never shares a 2000B with dependents, so that
SBR02 says plainly which it is. ``claim_837p_body_writer`` writes what is inside a claim.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import replace

from billing.edi.claim_837p.body_writer import add_claim, add_payer
from billing.edi.claim_837p.claim import ClaimBatch, Patient, ProfessionalClaim
from billing.edi.claim_837p.rules import batch_problems, rule_problems
from billing.edi.envelope_writer import Envelope, InterchangeWriter
from billing.edi.parties import Person, Relationship
from billing.edi.party_segments import add_address, add_demographics, contact, party
from billing.edi.segment_writer import AddSegment, day
from billing.errors import Refused

VERSION = "005010X222A1"
CLAIMS_PER_TRANSACTION = 5000
CLAIMS_PER_PATIENT = 100


def encode_837p(batch: ClaimBatch, envelope: Envelope) -> bytes:
    """``batch`` as one interchange, ASCII, one segment a line, ready to send.

    A transaction set holds at most 5,000 claims, as the guide recommends; more claims open another,
    numbered on from the envelope's ``transaction_number``, with ``-2``, ``-3``... after the batch's
    reference. Raises :class:`~billing.errors.Refused` with all problems when the batch or a claim breaks
    a rule of ``billing.edi.claim_837p.rules``, and ``ValueError`` when a text holds a separator or a
    character outside printable ASCII.
    """
    problems = batch_problems(batch) + [problem for claim in batch.claims for problem in rule_problems(claim)]
    if problems:
        raise Refused("These claims cannot be written as an 837P.", problems)
    writer = InterchangeWriter(envelope, "HC", VERSION)
    for start in range(0, len(batch.claims), CLAIMS_PER_TRANSACTION):
        number = start // CLAIMS_PER_TRANSACTION + 1
        writer.begin("837")
        _add_header(writer, batch, batch.reference if number == 1 else f"{batch.reference}-{number}")
        Hierarchy(writer.add).add_claims(batch.claims[start : start + CLAIMS_PER_TRANSACTION])
        writer.end()
    return writer.finish()


def _add_header(writer: InterchangeWriter, batch: ClaimBatch, reference: str) -> None:
    """BHT, 1000A and 1000B."""
    at = writer.envelope.created_at
    writer.add("BHT", "0019", "00", reference, day(at), f"{at:%H%M}", "CH")
    name = batch.submitter.name
    if isinstance(name, Person):
        name = replace(name, suffix="")  # 1000A has no room for it
    writer.add("NM1", "41", *party(name, "46", batch.submitter.identifier))
    writer.add("PER", *contact(batch.submitter.contact))
    writer.add("NM1", "40", "2", batch.receiver.name, "", "", "", "", "46", batch.receiver.identifier)


class Hierarchy:
    """Writes the levels of one transaction set (2000A, 2000B, 2000C) and numbers them."""

    def __init__(self, add: AddSegment) -> None:
        """Begin at level 1; ``add`` takes the segments."""
        self.add = add
        self.level = 0

    def add_claims(self, claims: Iterable[ProfessionalClaim]) -> None:
        """Write all ``claims``, grouped; within a group they keep their order."""
        for of_provider in _grouped(claims, lambda claim: claim.billing_provider):
            parent = self._add_billing_provider(of_provider[0])
            for of_subscriber in _grouped(of_provider, _subscriber_key):
                if of_subscriber[0].patient is None:
                    self._add_subscriber_claims(of_subscriber, parent)
                else:
                    self._add_dependents(of_subscriber, parent)

    def _add_level(self, parent: str, code: str, has_child: bool) -> str:
        self.level += 1
        level = str(self.level)
        self.add("HL", level, parent, code, "1" if has_child else "0")
        return level

    def _add_billing_provider(self, claim: ProfessionalClaim) -> str:
        provider = claim.billing_provider
        level = self._add_level("", "20", has_child=True)
        if provider.taxonomy:
            self.add("PRV", "BI", "PXC", provider.taxonomy)
        self.add("NM1", "85", *party(provider.name, "XX", provider.npi))
        add_address(self.add, provider.address)
        self.add("REF", provider.tax_id_kind, provider.tax_id)
        if provider.contact:
            self.add("PER", *contact(provider.contact))
        return level

    def _add_subscriber_claims(self, claims: list[ProfessionalClaim], parent: str) -> None:
        for some in _hundreds(claims):
            self._add_subscriber(some[0], parent)
            self._add_each(some)

    def _add_dependents(self, claims: list[ProfessionalClaim], parent: str) -> None:
        level = self._add_subscriber(claims[0], parent)
        for of_patient in _grouped(claims, lambda claim: (claim.patient, claim.property_casualty_number)):
            for some in _hundreds(of_patient):
                if some[0].patient:
                    self._add_patient(some[0].patient, some[0].property_casualty_number, level)
                self._add_each(some)

    def _add_subscriber(self, claim: ProfessionalClaim, parent: str) -> str:
        subscriber, is_patient = claim.subscriber, claim.patient is None
        level = self._add_level(parent, "22", has_child=not is_patient)
        relation = Relationship.SELF if is_patient else ""
        policy = (subscriber.group_number, subscriber.plan_name, subscriber.medicare_secondary_reason)
        self.add("SBR", subscriber.responsibility, relation, *policy, "", "", "", subscriber.filing_indicator)
        self.add("NM1", "IL", *party(subscriber.name, "MI", subscriber.member_id))
        add_address(self.add, subscriber.address)
        add_demographics(self.add, subscriber.birth_date, subscriber.sex)
        if is_patient and claim.property_casualty_number:
            self.add("REF", "Y4", claim.property_casualty_number)
        add_payer(self.add, claim.payer)
        return level

    def _add_patient(self, patient: Patient, property_casualty_number: str, parent: str) -> None:
        self._add_level(parent, "23", has_child=False)
        self.add("PAT", patient.relationship)
        self.add("NM1", "QC", *party(patient.name))
        add_address(self.add, patient.address)
        add_demographics(self.add, patient.birth_date, patient.sex)
        if property_casualty_number:
            self.add("REF", "Y4", property_casualty_number)

    def _add_each(self, claims: list[ProfessionalClaim]) -> None:
        for claim in claims:
            add_claim(self.add, claim)


def _subscriber_key(claim: ProfessionalClaim) -> Hashable:
    """What claims must share to stand under one 2000B."""
    number = "" if claim.patient else claim.property_casualty_number
    return claim.subscriber, claim.payer, claim.patient is None, number


def _grouped(
    claims: Iterable[ProfessionalClaim], key: Callable[[ProfessionalClaim], Hashable]
) -> Iterable[list[ProfessionalClaim]]:
    groups: dict[Hashable, list[ProfessionalClaim]] = {}
    for claim in claims:
        groups.setdefault(key(claim), []).append(claim)
    return groups.values()


def _hundreds(claims: list[ProfessionalClaim]) -> Iterable[list[ProfessionalClaim]]:
    """The guide allows 100 claims under one patient; more need the patient again."""
    return (claims[start : start + CLAIMS_PER_PATIENT] for start in range(0, len(claims), CLAIMS_PER_PATIENT))
