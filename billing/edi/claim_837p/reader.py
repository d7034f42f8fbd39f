"""An 837P interchange, ours or anybody's, read back to the values it was made from.

Reading goes on whatever it meets: form is judged by the guide, sense by the rules, and both end as
findings. Only a claim that lacks what its values cannot do without (a date of service, an amount that is
a number) is left out, with a finding that says so.
"""

from __future__ import annotations

from collections.abc import Iterator

from billing.edi.claim_837p.body_reader import Level, read_claim, read_payer
from billing.edi.claim_837p.claim import (
    BillingProvider,
    ClaimBatch,
    Contact,
    Patient,
    Payer,
    ProfessionalClaim,
    Receiver,
    Submitter,
    Subscriber,
)
from billing.edi.claim_837p.guide import GUIDE_837P
from billing.edi.claim_837p.rules import rule_problems
from billing.edi.claim_837p.structure import structure_findings
from billing.edi.claim_codes import Responsibility, TaxIdKind
from billing.edi.element_values import Unreadable, code
from billing.edi.envelope import Transaction, pass_over, transactions
from billing.edi.findings import Finding
from billing.edi.loops import Node, not_carried, read_loops
from billing.edi.parties import NOWHERE, Organisation, Relationship, Sex
from billing.edi.party_segments import read_party, read_person, take_address, take_contact, take_demographics
from billing.edi.segments import Source
from billing.errors import Severity

_NOBODY = Contact("", "")
_OTHER_KINDS_OF_CLAIM = ("X223", "X224", "X096", "X097", "X298")


def read_837p(source: Source) -> tuple[list[ClaimBatch], list[Finding]]:
    """The professional claims of ``source``, one batch for each transaction set, and all that was noticed.

    Nothing in the content makes it raise. Findings cover the envelopes, the form of segments and
    elements, the numbering of levels and lines, the rules of
    :func:`~billing.edi.claim_837p.rules.rule_problems`, claims that had to be left out, and segments
    that are lawful but have no place in the values (``segment.not_carried``, of no weight).
    """
    findings: list[Finding] = []
    batches = [
        _read_batch(transaction, findings)
        for transaction in transactions(source, findings)
        if _is_professional(transaction, findings)
    ]
    return batches, findings


def _is_professional(transaction: Transaction, findings: list[Finding]) -> bool:
    if transaction.set_id in ("837", "") and not any(kind in transaction.version for kind in _OTHER_KINDS_OF_CLAIM):
        return True
    pass_over(transaction, "The transaction set is not a professional claim; it was not read.", findings)
    return False


def _read_batch(transaction: Transaction, findings: list[Finding]) -> ClaimBatch:
    root = read_loops(transaction.segments, GUIDE_837P, findings)
    findings += structure_findings(root)
    begin = root.take("BHT")
    claims = [claim for node in root.children("2000A") for claim in _claims_of_provider(node, findings)]
    submitter, receiver = root.child("1000A"), root.child("1000B")
    batch = ClaimBatch(
        _submitter(submitter) if submitter else Submitter(Organisation(""), "", _NOBODY),
        _receiver(receiver) if receiver else Receiver("", ""),
        begin.element(3) if begin else "",
        tuple(claims),
    )
    findings += not_carried(root)
    return batch


def _submitter(node: Node) -> Submitter:
    name = node.segments.pop(0)
    return Submitter(read_party(name), name.element(9), take_contact(node) or _NOBODY)


def _receiver(node: Node) -> Receiver:
    name = node.segments.pop(0)
    return Receiver(name.element(3), name.element(9))


def _claims_of_provider(node: Node, findings: list[Finding]) -> Iterator[ProfessionalClaim]:
    node.take("HL")
    provider = _billing_provider(node, findings)
    for subscriber_node in node.children("2000B"):
        yield from _claims_of_subscriber(subscriber_node, provider, findings)


def _billing_provider(node: Node, findings: list[Finding]) -> BillingProvider:
    specialty, party = node.take("PRV"), node.child("2010AA")
    taxonomy = specialty.element(3) if specialty else ""
    if party is None:
        return BillingProvider(Organisation(""), "", "", TaxIdKind.EMPLOYER, NOWHERE, None, taxonomy)
    name = party.segments.pop(0)
    tax = party.take("REF", "EI") or party.take("REF", "SY")
    kind = code(TaxIdKind, tax.element(1), TaxIdKind.EMPLOYER, tax, findings) if tax else TaxIdKind.EMPLOYER
    return BillingProvider(
        name=read_party(name),
        npi=name.element(9),
        tax_id=tax.element(2) if tax else "",
        tax_id_kind=kind,
        address=take_address(party) or NOWHERE,
        contact=take_contact(party),
        taxonomy=taxonomy,
    )


def _claims_of_subscriber(
    node: Node, provider: BillingProvider, findings: list[Finding]
) -> Iterator[ProfessionalClaim]:
    node.take("HL")
    subscriber, number = _subscriber(node, findings)
    payer_node = node.child("2010BB")
    payer = read_payer(payer_node) if payer_node else Payer("", "")
    yield from _claims(node, Level(provider, subscriber, payer, None, number), findings)
    for patient_node in node.children("2000C"):
        try:
            patient, number = _patient(patient_node, findings)
        except Unreadable as missing:
            _leave_out(patient_node, missing, findings)
            continue
        yield from _claims(patient_node, Level(provider, subscriber, payer, patient, number), findings)


def _leave_out(node: Node, missing: Unreadable, findings: list[Finding]) -> None:
    findings.append(missing.finding)
    why = "What stands here was left out because of the finding before this one."
    findings.append(Finding("claim.left_out", Severity.BLOCK, why, node.position, node.loop.opening.id))


def _claims(node: Node, level: Level, findings: list[Finding]) -> Iterator[ProfessionalClaim]:
    for claim_node in node.children("2300"):
        position = claim_node.position
        try:
            claim = read_claim(claim_node, level, findings)
        except Unreadable as missing:
            _leave_out(claim_node, missing, findings)
            continue
        findings += [Finding(p.rule, p.severity, p.why, position, "CLM") for p in rule_problems(claim)]
        yield claim


def _subscriber(node: Node, findings: list[Finding]) -> tuple[Subscriber, str]:
    """The subscriber of a 2000B loop and the property and casualty claim number beside the name."""
    policy, party = node.take("SBR"), node.child("2010BA")
    parts = [*policy.parts, *[""] * 10] if policy else [""] * 10
    responsibility = Responsibility.UNKNOWN
    if policy:
        responsibility = code(Responsibility, parts[1], Responsibility.UNKNOWN, policy, findings)
    if party is None:
        return Subscriber(Organisation(""), "", parts[9], responsibility, parts[3], parts[4], parts[5]), ""
    name, casualty = party.segments.pop(0), party.take("REF", "Y4")
    birth_date, sex = take_demographics(party, findings)
    subscriber = Subscriber(
        name=read_party(name),
        member_id=name.element(9),
        filing_indicator=parts[9],
        responsibility=responsibility,
        group_number=parts[3],
        plan_name=parts[4],
        medicare_secondary_reason=parts[5],
        address=take_address(party),
        birth_date=birth_date,
        sex=sex,
    )
    return subscriber, casualty.element(2) if casualty else ""


def _patient(node: Node, findings: list[Finding]) -> tuple[Patient, str]:
    """The patient of a 2000C loop and the property and casualty claim number beside the name."""
    node.take("HL")
    relation, party = node.take("PAT"), node.child("2010CA")
    birth_date, sex = take_demographics(party, findings) if party else (None, None)
    if relation is None or party is None or birth_date is None:
        raise Unreadable("PAT", node.position, "The patient has no relationship, name or birth date.")
    name, casualty = party.segments.pop(0), party.take("REF", "Y4")
    patient = Patient(
        name=read_person(name),
        relationship=code(Relationship, relation.element(1), Relationship.OTHER, relation, findings),
        birth_date=birth_date,
        sex=sex or Sex.UNKNOWN,
        address=take_address(party) or NOWHERE,
    )
    return patient, casualty.element(2) if casualty else ""
