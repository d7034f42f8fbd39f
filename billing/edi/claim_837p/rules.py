"""What must hold between the values of a professional claim, besides the form of each of them.

A table of segments cannot say that a total is a sum or that a pointer points to something; these
small functions do. Each takes the claim and yields what is wrong; :func:`rule_problems` asks them all.
The rules are those of the guide (X12 005010X222A1) unless a function says otherwise.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

from billing.edi.claim_837p.claim import (
    Adjustment,
    ClaimBatch,
    Frequency,
    LineAdjudication,
    OtherPayer,
    Person,
    ProfessionalClaim,
    RelatedCause,
    Relationship,
    Responsibility,
)
from billing.edi.parties import Address
from billing.errors import Problem, block

MOST_LINES = 50
MOST_DIAGNOSES = 12
MOST_POINTERS = 4
MOST_MODIFIERS = 4
LONGEST_REFERENCE = 40

Complaint = tuple[str, str, str]
"""Rule, reason, remedy."""


def rule_problems(claim: ProfessionalClaim) -> list[Problem]:
    """All rules of the 837P that ``claim`` breaks, each blocking; ``where`` is ``claim:`` and its control number."""
    where = f"claim:{claim.control_number}"
    return [block(rule, why, fix, where) for check in _CHECKS for rule, why, fix in check(claim)]


def batch_problems(batch: ClaimBatch) -> list[Problem]:
    """What is wrong with a batch as a whole; ``where`` is ``batch:`` and its reference."""
    where = f"batch:{batch.reference}"
    numbers = Counter(claim.control_number for claim in batch.claims)
    problems = []
    if not batch.claims:
        problems.append(block("x12.batch_empty", "There is no claim in the batch.", "Add a claim.", where))
    if any(count > 1 for count in numbers.values()):
        why = "Two claims have the same control number; an answer could not be told apart."
        problems.append(block("x12.control_number_repeated", why, "Give each claim a number of its own.", where))
    if not 1 <= len(batch.reference) <= LONGEST_REFERENCE:
        why = f"The batch reference has not 1 to {LONGEST_REFERENCE} characters."
        problems.append(block("x12.batch_reference", why, "Choose another reference.", where))
    submitter, receiver = batch.submitter, batch.receiver
    if not (submitter.identifier and receiver.identifier and receiver.name and submitter.contact.name):
        why = "Submitter or receiver lacks a name, an identifier or a contact."
        problems.append(block("x12.submitter", why, "Complete the clearinghouse settings.", where))
    if not _is_digits(submitter.contact.phone, 10):
        why = "The telephone of the submitter is not ten digits."
        problems.append(block("x12.submitter", why, "Enter it with its area code.", where))
    return problems


def _numbers(claim: ProfessionalClaim) -> Iterator[Complaint]:
    """NPIs and the tax id. Whether an NPI's check digit is right is for those who know the provider."""
    billing = claim.billing_provider
    if not _is_digits(billing.npi, 10):
        yield "x12.npi", "The NPI of the billing provider is not ten digits.", "Enter the clinic's NPI."
    if not _is_digits(billing.tax_id, 9):
        yield "x12.tax_id", "The tax id of the billing provider is not nine digits.", "Enter nine digits, no hyphen."
    if billing.contact and not _is_digits(billing.contact.phone, 10):
        yield "x12.phone", "The telephone of the billing provider is not ten digits.", "Enter it with its area code."
    identified = [claim.referring, claim.rendering, claim.supervising, claim.facility]
    identified += [line.rendering for line in claim.lines]
    if any(one and one.npi and not _is_digits(one.npi, 10) for one in identified):
        yield "x12.npi", "The NPI of a provider or place is not ten digits.", "Correct the NPI."


def _addresses(claim: ProfessionalClaim) -> Iterator[Complaint]:
    billing = claim.billing_provider.address
    if not _is_digits(billing.zip, 9):
        yield "x12.billing_zip", "The billing address needs a nine-digit ZIP code.", "Enter the clinic's ZIP+4."
    if claim.facility and not _is_digits(claim.facility.address.zip, 9):
        yield "x12.facility_zip", "The place of service needs a nine-digit ZIP code.", "Enter the place's ZIP+4."
    addresses = [billing, claim.subscriber.address, claim.payer.address]
    addresses += [claim.patient.address if claim.patient else None]
    addresses += [other.subscriber.address for other in claim.other_payers]
    addresses += [other.payer.address for other in claim.other_payers]
    if not all(_is_whole(address) for address in addresses if address):
        yield (
            "x12.address",
            "An address lacks its street, city, two-letter state or ZIP of five or nine digits.",
            "Complete the addresses of patient, subscriber, payers and clinic.",
        )


def _patient(claim: ProfessionalClaim) -> Iterator[Complaint]:
    if claim.patient:
        if claim.patient.relationship is Relationship.SELF:
            yield "x12.relationship", "A patient who is the subscriber stands twice.", "Leave the patient out."
        return
    subscriber = claim.subscriber
    if not isinstance(subscriber.name, Person):
        yield "x12.patient_name", "The subscriber is an organisation and cannot be the patient.", "Name the patient."
    if not (subscriber.address and subscriber.birth_date and subscriber.sex):
        yield (
            "x12.patient_details",
            "The patient's address, birth date and sex are required.",
            "Complete the patient's record.",
        )


def _money(claim: ProfessionalClaim) -> Iterator[Complaint]:
    if claim.total_cents != sum(line.charge_cents for line in claim.lines):
        yield "x12.total", "The total is not the sum of the lines.", "Add the lines up again."
    if claim.patient_paid_cents < 0 or any(line.charge_cents < 0 for line in claim.lines):
        yield "x12.negative_amount", "A charge or payment is below zero.", "Correct the amount, or void the claim."
    if any(line.units < 1 for line in claim.lines):
        yield "x12.units", "A line has no units.", "Enter one or more units."


def _lines(claim: ProfessionalClaim) -> Iterator[Complaint]:
    if not 1 <= len(claim.lines) <= MOST_LINES:
        yield "x12.lines", f"A claim has 1 to {MOST_LINES} lines, this one {len(claim.lines)}.", "Split the claim."
    if any(len(line.modifiers) > MOST_MODIFIERS for line in claim.lines):
        yield "x12.modifiers", f"A line has more than {MOST_MODIFIERS} modifiers.", "Keep those that affect payment."
    if any(len(modifier) != 2 for line in claim.lines for modifier in line.modifiers):
        yield "x12.modifiers", "A modifier has not two characters.", "Correct the modifier."
    if any(line.service_through and line.service_through < line.service_on for line in claim.lines):
        yield "x12.period", "A line ends before it begins.", "Correct the dates of service."


def _diagnoses(claim: ProfessionalClaim) -> Iterator[Complaint]:
    codes = claim.diagnoses
    if not 1 <= len(codes) <= MOST_DIAGNOSES:
        yield "x12.diagnoses", f"A claim has 1 to {MOST_DIAGNOSES} diagnoses, this one {len(codes)}.", "Choose them."
    if any(not (3 <= len(code) <= 7 and code.isalnum()) for code in codes):
        yield "x12.diagnosis_form", "A diagnosis is not three to seven letters and digits without a dot.", "Correct it."
    for line in claim.lines:
        if not 1 <= len(line.pointers) <= MOST_POINTERS:
            yield "x12.pointers", f"A line points to 1 to {MOST_POINTERS} diagnoses.", "Choose the line's diagnoses."
        elif not all(1 <= pointer <= len(codes) for pointer in line.pointers):
            yield "x12.pointers", "A line points to a diagnosis that is not there.", "Choose the line's diagnoses."


def _frequency(claim: ProfessionalClaim) -> Iterator[Complaint]:
    if claim.frequency is not Frequency.ORIGINAL and not claim.original_reference:
        yield (
            "x12.original_reference",
            "A replacement or void needs the payer's number of the claim it changes.",
            "Wait for that number in a 277CA or 835.",
        )


def _accident(claim: ProfessionalClaim) -> Iterator[Complaint]:
    causes = claim.related_causes
    if len(causes) > 2 or len(set(causes)) != len(causes):
        yield "x12.related_causes", "A claim has at most two different related causes.", "Keep the two that matter."
    if (RelatedCause.AUTO_ACCIDENT in causes) != bool(claim.accident_state):
        yield "x12.accident_state", "An auto accident, and nothing else, needs its state.", "Enter the state."
    accidents = {RelatedCause.AUTO_ACCIDENT, RelatedCause.OTHER_ACCIDENT}
    if accidents.intersection(causes) and not claim.accident_on:
        yield "x12.accident_date", "An accident needs its date.", "Enter the date of the accident."


def _other_payers(claim: ProfessionalClaim) -> Iterator[Complaint]:
    turns = [claim.subscriber.responsibility, *[other.responsibility for other in claim.other_payers]]
    known = [turn for turn in turns if turn is not Responsibility.UNKNOWN]
    if len(known) != len(set(known)):
        yield "x12.responsibility", "Two payers have the same turn.", "Correct the order of the policies."
    if claim.subscriber.responsibility is Responsibility.SECONDARY and not claim.other_payers:
        yield "x12.other_payer_missing", "A secondary claim needs the primary payer.", "Add the primary policy."
    identifiers = {other.payer.identifier for other in claim.other_payers}
    decided = {decision.payer_identifier for line in claim.lines for decision in line.adjudications}
    if not decided <= identifiers:
        yield "x12.adjudication_payer", "A line was decided by a payer that is not on the claim.", "Add that payer."
    for other in claim.other_payers:
        yield from _balance(claim, other)


def _balance(claim: ProfessionalClaim, other: OtherPayer) -> Iterator[Complaint]:
    """A payer's decision balances like its remittance: charge less adjustments is what it paid."""
    decisions = [(line, one) for line in claim.lines for one in line.adjudications if _is_of(one, other)]
    if other.paid_cents is None:
        if decisions or other.adjustments or other.adjudicated_on:
            yield "x12.paid_missing", "A payer that has decided lacks its amount paid.", "Enter it, zero included."
        return
    if not decisions and not other.adjudicated_on:
        yield "x12.adjudication_date", "A payer's payment lacks its date.", "Enter the date of the remittance."
    if any(line.charge_cents - _sum(one.adjustments) != one.paid_cents for line, one in decisions):
        yield "x12.line_balance", "A line's charge less adjustments is not what was paid.", "Copy the remittance."
    adjusted = _sum(other.adjustments) + sum(_sum(one.adjustments) for _, one in decisions)
    if claim.total_cents - adjusted != other.paid_cents:
        yield "x12.claim_balance", "The total less adjustments is not what was paid.", "Copy the remittance."


def _is_of(decision: LineAdjudication, other: OtherPayer) -> bool:
    return decision.payer_identifier == other.payer.identifier


def _sum(adjustments: tuple[Adjustment, ...]) -> int:
    return sum(adjustment.cents for adjustment in adjustments)


def _is_digits(text: str, count: int) -> bool:
    return len(text) == count and text.isascii() and text.isdigit()


def _is_whole(address: Address) -> bool:
    zip_is_right = _is_digits(address.zip, 5) or _is_digits(address.zip, 9)
    return bool(address.line1 and address.city and len(address.state) == 2 and zip_is_right)


_CHECKS: tuple[Callable[[ProfessionalClaim], Iterator[Complaint]], ...] = (
    _numbers,
    _addresses,
    _patient,
    _money,
    _lines,
    _diagnoses,
    _frequency,
    _accident,
    _other_payers,
)
