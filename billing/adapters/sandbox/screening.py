"""What is refused before it is decided: whole transaction sets for their form, single claims for their content."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from billing.adapters.sandbox.chance import Chance
from billing.adapters.sandbox.rates import Rates
from billing.edi.acknowledgements.answer import Decision
from billing.edi.acknowledgements.error_codes import NOT_SUPPORTED
from billing.edi.acknowledgements.judging import Acknowledgement, acknowledge
from billing.edi.claim_837p.checks import problems_837p
from billing.edi.claim_837p.claim import ClaimBatch, ProfessionalClaim
from billing.edi.claim_837p.reader import read_837p
from billing.edi.claim_status.status import Status

_OF_A_CLAIM = "x12."
"""Rules about the values of a claim, which a 277CA answers; all others are about form, and the 999 does."""

_BY_RULE = {
    "x12.npi": Status("A7", "562", "85"),
    "x12.tax_id": Status("A7", "128", "85"),
    "x12.billing_zip": Status("A7", "500", "85"),
    "x12.facility_zip": Status("A7", "500", "77"),
    "x12.phone": Status("A7", "127", "85"),
    "x12.address": Status("A7", "126", "QC"),
    "x12.relationship": Status("A7", "156"),
    "x12.patient_name": Status("A7", "125", "QC"),
    "x12.patient_details": Status("A6", "158", "QC"),
    "x12.total": Status("A7", "178"),
    "x12.negative_amount": Status("A7", "693"),
    "x12.units": Status("A7", "476"),
    "x12.lines": Status("A7", "121"),
    "x12.modifiers": Status("A7", "453"),
    "x12.period": Status("A7", "187"),
    "x12.diagnoses": Status("A7", "255"),
    "x12.diagnosis_form": Status("A7", "255"),
    "x12.pointers": Status("A7", "477"),
    "x12.original_reference": Status("A6", "464"),
    "x12.related_causes": Status("A7", "633"),
    "x12.accident_state": Status("A7", "728"),
    "x12.accident_date": Status("A6", "727"),
    "x12.other_payer_missing": Status("A6", "286"),
    "x12.responsibility": Status("A7", "742"),
}
_OTHERWISE = Status("A7", "481")
_AT_RANDOM = (
    Status("A3", "33", "IL"),
    Status("A7", "164", "IL"),
    Status("A7", "562", "82"),
    Status("A7", "158", "QC"),
    Status("A3", "116", "PR"),
    Status("A7", "255"),
)


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A submitted file: how its envelopes are acknowledged, and the batches of the sets that were accepted."""

    acknowledgement: Acknowledgement
    batches: tuple[ClaimBatch, ...]


def read_file(content: bytes, received_on: date) -> ReadFile:
    """Read a claim file as the payer's gateway does; it never raises, whatever ``content`` is."""
    batches, findings = read_837p(content)
    formal = [finding for finding in findings if not finding.rule.startswith(_OF_A_CLAIM)]
    acknowledgement = acknowledge(content, formal, today=received_on)
    return ReadFile(acknowledgement, tuple(_accepted(acknowledgement, batches)))


def rejection(claim: ProfessionalClaim, rates: Rates, chance: Chance) -> Status | None:
    """Why ``claim`` is not taken, or ``None`` when it is; ``chance`` is that of the payer."""
    problems = problems_837p(claim)
    if problems:
        return _BY_RULE.get(problems[0].rule, _OTHERWISE)
    luck = chance.of(claim.control_number)
    return luck.pick("rejection", _AT_RANDOM) if luck.happens("rejected", rates.rejected) else None


def _accepted(acknowledgement: Acknowledgement, batches: Sequence[ClaimBatch]) -> list[ClaimBatch]:
    """The batches whose transaction set was not rejected; none when it cannot be told which set a batch came from."""
    sets = [answer for group in acknowledgement.groups for answer in group.sets]
    claims = [answer for answer in sets if NOT_SUPPORTED not in answer.codes]
    if len(claims) != len(batches):
        return []
    pairs = zip(claims, batches, strict=True)
    return [batch for answer, batch in pairs if answer.decision is not Decision.REJECTED]
