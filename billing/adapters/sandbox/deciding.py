"""What the payer decides about one claim: pure functions from a claim to its payment.

The first payer allows a share of each charge that its contract with the clinic fixes (CO-45), then
takes off what the patient owes. A later payer starts from what the payer before it left to the patient,
reports the rest as that payer's doing (OA-23), and leaves its own share. Each line balances: charge
less adjustments is paid (X12 005010X221A1, section 1.10.2.1).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from billing.adapters.sandbox.chance import Chance
from billing.adapters.sandbox.rates import Rates
from billing.edi.claim_837p.claim import OtherPayer, ProfessionalClaim, ServiceLine
from billing.edi.claim_codes import AdjustmentGroup, Frequency, Responsibility
from billing.edi.parties import Organisation, Party, Person
from billing.edi.remittance_835.remittance import Adjustment, ClaimPayment, Procedure, ServicePayment
from billing.edi.text import plain_text

MEDICARE = frozenset({"MA", "MB"})
_NO_COST_SHARING = frozenset({"WC", "AM", "VA", "MC"})
_WORKERS_COMPENSATION = "WC"
_TURNS = {Responsibility.SECONDARY: "2", Responsibility.TERTIARY: "3"}
_PRIMARY, _DENIED = "1", "4"
_FORWARDED_REMARK = "MA18"
_FILING_OF_PAYMENTS = frozenset(
    ("12", "13", "14", "15", "16", "17", "AM", "CH", "DS", "HM", "LM", "MA", "MB", "MC", "OF", "TV", "VA", "WC", "ZZ")
)
_FILING_OF_CLAIMS = {"BL": "12", "CI": "15", "FI": "OF"}
"""Kinds of insurance that only a claim may name (SBR09), and what stands for them in a payment (CLP06)."""


@dataclass(frozen=True, slots=True)
class _Refusal:
    """Why nothing is paid."""

    group: str
    reason: str
    remarks: tuple[str, ...] = ()


_NO_PRIMARY = _Refusal("CO", "22", ("MA04",))
_REFUSALS = (
    _Refusal("CO", "50", ("N115",)),
    _Refusal("CO", "16", ("M76",)),
    _Refusal("CO", "16", ("N290", "MA130")),
    _Refusal("CO", "197"),
    _Refusal("PR", "204", ("N130",)),
    _Refusal("PR", "27"),
    _Refusal("CO", "29"),
    _Refusal("CO", "96", ("N130",)),
    _Refusal("PR", "119"),
    _Refusal("CO", "11"),
)
_LINE_REFUSALS = (_Refusal("CO", "97", ("M15",)), _Refusal("CO", "151"), _Refusal("CO", "59"))


def adjudicated(claim: ProfessionalClaim, ordinal: int, rates: Rates, chance: Chance) -> ClaimPayment:
    """The payer's decision about ``claim``, which stands at place ``ordinal`` of its payment.

    ``chance`` is that of the payer. The whole of each charge is accounted for, and no more than the charge is paid.
    A replacement tries its luck anew.
    """
    luck = chance.of(claim.control_number)
    if claim.frequency is not Frequency.ORIGINAL:
        luck = luck.of(claim.original_reference)
    decided = [other for other in claim.other_payers if other.paid_cents is not None]
    turn = _TURNS.get(claim.subscriber.responsibility, _PRIMARY)
    if turn != _PRIMARY and not decided:
        return _payment(claim, ordinal, turn, chance, [_refused(line, _NO_PRIMARY) for line in claim.lines])
    if decided:
        return _payment(claim, ordinal, turn, chance, _after(decided[-1], claim, luck))
    if luck.happens("denied", rates.denied):
        refusal = luck.pick("refusal", _REFUSALS)
        status = luck.pick("status of a denial", (_PRIMARY, _DENIED))
        return _payment(claim, ordinal, status, chance, [_refused(line, refusal) for line in claim.lines])
    payment = _payment(claim, ordinal, turn, chance, _as_first_payer(claim, rates, chance, luck))
    return _crossed_over(payment, claim, rates, luck)


def payer_claim_number(claim: ProfessionalClaim, chance: Chance) -> str:
    """The payer's own number for ``claim`` (CLP07, REF*1K)."""
    return "SB" + chance.of(claim.control_number).digits("claim number", 12)


def patient_of(claim: ProfessionalClaim) -> Party:
    """Who was treated."""
    return claim.patient.name if claim.patient else claim.subscriber.name


def _payment(
    claim: ProfessionalClaim, ordinal: int, status: str, chance: Chance, lines: Sequence[ServicePayment]
) -> ClaimPayment:
    last, first = _names(patient_of(claim))
    return ClaimPayment(
        ordinal=ordinal,
        control_number=claim.control_number,
        status=status,
        charge_cents=sum(line.charge_cents for line in lines),
        paid_cents=sum(line.paid_cents for line in lines),
        patient_cents=patient_cents(lines),
        payer_claim_number=payer_claim_number(claim, chance),
        filing_indicator=_filing_indicator(claim),
        service_from=min(line.service_on for line in claim.lines),
        service_through=max(line.service_through or line.service_on for line in claim.lines),
        patient_last_name=last,
        patient_first_name=first,
        patient_identifier=plain_text(claim.subscriber.member_id),
        lines=tuple(lines),
    )


def _filing_indicator(claim: ProfessionalClaim) -> str:
    """CLP06, which knows fewer kinds of insurance than SBR09."""
    indicator = claim.subscriber.filing_indicator
    return indicator if indicator in _FILING_OF_PAYMENTS else _FILING_OF_CLAIMS.get(indicator, "ZZ")


def patient_cents(lines: Iterable[ServicePayment]) -> int:
    """What the lines leave to the patient."""
    return sum(one.cents for line in lines for one in line.adjustments if one.group == AdjustmentGroup.PATIENT)


def _names(party: Party) -> tuple[str, str]:
    match party:
        case Person():
            return plain_text(party.last), plain_text(party.first)
        case Organisation():
            return plain_text(party.name), ""


def _crossed_over(payment: ClaimPayment, claim: ProfessionalClaim, rates: Rates, luck: Chance) -> ClaimPayment:
    """Medicare passes a claim on to the supplementary payer that it names, and says so in a remark."""
    following = next((other for other in claim.other_payers if other.paid_cents is None), None)
    is_medicare = claim.subscriber.filing_indicator in MEDICARE
    if following is None or not is_medicare or not luck.happens("crossed over", rates.crossed_over):
        return payment
    return payment._replace(remarks=(*payment.remarks, _FORWARDED_REMARK))


class _CostSharing:
    """What the patient owes under the plan; deductible and copay are used up line by line."""

    def __init__(self, claim: ProfessionalClaim, rates: Rates, luck: Chance) -> None:
        indicator = claim.subscriber.filing_indicator
        self.deductible = self.copay = self.coinsurance_percent = 0
        if indicator in _NO_COST_SHARING:
            return
        if luck.happens("deductible", rates.deductible):
            self.deductible = luck.pick("deductible left", (2500, 6000, 10_000, 250_000))
        if indicator in MEDICARE:
            self.coinsurance_percent = 20
        elif not self.deductible and luck.happens("copay", rates.copay):
            self.copay = luck.pick("copay", (1500, 2000, 2500, 3000, 4000))
        else:
            self.coinsurance_percent = luck.pick("coinsurance", (10, 20, 30))

    def take(self, allowed: int) -> list[Adjustment]:
        """The patient's parts of a line of which ``allowed`` cents are allowed; never more than that."""
        deductible = min(allowed, self.deductible)
        self.deductible -= deductible
        copay = min(allowed - deductible, self.copay)
        self.copay -= copay
        coinsurance = (allowed - deductible - copay) * self.coinsurance_percent // 100
        parts = (("1", deductible), ("2", coinsurance), ("3", copay))
        return [Adjustment(AdjustmentGroup.PATIENT, reason, cents) for reason, cents in parts if cents]


def _as_first_payer(claim: ProfessionalClaim, rates: Rates, chance: Chance, luck: Chance) -> list[ServicePayment]:
    sharing = _CostSharing(claim, rates, luck)
    refused = -1
    if len(claim.lines) > 1 and luck.happens("line denied", rates.line_denied):
        refused = luck.between("which line", 1, len(claim.lines) - 1)
    refusal = luck.pick("line refusal", _LINE_REFUSALS)
    return [
        _refused(line, refusal) if place == refused else _allowed(line, claim, sharing, chance)
        for place, line in enumerate(claim.lines)
    ]


def _allowed(line: ServiceLine, claim: ProfessionalClaim, sharing: _CostSharing, chance: Chance) -> ServicePayment:
    """A line paid by contract: the same share of the charge for every claim with that code."""
    indicator = claim.subscriber.filing_indicator
    percent = chance.of("fee schedule").between(line.procedure, 55, 90)
    allowed = line.charge_cents * percent // 100
    contract = "P12" if indicator == _WORKERS_COMPENSATION else "45"
    adjustments = [Adjustment(AdjustmentGroup.CONTRACTUAL, contract, line.charge_cents - allowed)]
    adjustments += sharing.take(allowed)
    rest = line.charge_cents - sum(one.cents for one in adjustments)
    if indicator in MEDICARE:
        adjustments.append(Adjustment(AdjustmentGroup.CONTRACTUAL, "253", rest * 2 // 100))
    return _decided(line, adjustments, allowed=allowed)


def _after(before: OtherPayer, claim: ProfessionalClaim, luck: Chance) -> list[ServicePayment]:
    """The lines as a later payer decides them: it pays what is left to the patient, save a small copay."""
    copay = luck.pick("copay of a later payer", (0, 0, 500, 1000))
    lines = []
    for line, left in zip(claim.lines, _left_to_patient(before, claim), strict=True):
        own = min(left, copay)
        copay -= own
        adjustments = [
            Adjustment(AdjustmentGroup.OTHER, "23", line.charge_cents - left),
            Adjustment(AdjustmentGroup.PATIENT, "3", own),
        ]
        lines.append(_decided(line, adjustments))
    return lines


def _left_to_patient(before: OtherPayer, claim: ProfessionalClaim) -> list[int]:
    """Per line what the payer before left to the patient; what it left on the claim goes to the first lines."""
    on_claim = sum(one.cents for one in before.adjustments if one.group is AdjustmentGroup.PATIENT)
    amounts = []
    for line in claim.lines:
        decisions = [one for one in line.adjudications if one.payer_identifier == before.payer.identifier]
        on_line = sum(
            one.cents for each in decisions for one in each.adjustments if one.group is AdjustmentGroup.PATIENT
        )
        room = min(max(on_line, 0), line.charge_cents)
        more = max(0, min(on_claim, line.charge_cents - room))
        on_claim -= more
        amounts.append(room + more)
    return amounts


def _refused(line: ServiceLine, refusal: _Refusal) -> ServicePayment:
    adjustment = Adjustment(refusal.group, refusal.reason, line.charge_cents)
    return _decided(line, [adjustment])._replace(remarks=refusal.remarks)


def _decided(line: ServiceLine, adjustments: Iterable[Adjustment], allowed: int | None = None) -> ServicePayment:
    made = tuple(one for one in adjustments if one.cents)
    return ServicePayment(
        procedure=Procedure("HC", line.procedure, line.modifiers),
        charge_cents=line.charge_cents,
        paid_cents=line.charge_cents - sum(one.cents for one in made),
        units=str(line.units),
        service_on=line.service_on,
        service_through=line.service_through,
        control_number=line.control_number,
        adjustments=made,
        allowed_cents=allowed,
    )
