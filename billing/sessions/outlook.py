"""What can be said of a session before anything is charted in it: booking and the desk warn by it. Pure.

These are the rules of :mod:`billing.sessions.clearance`, without those about the chart. A visit counts here
as soon as it is planned, so that the twelfth of twelve visits is known as such when it is booked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from billing.coverage import medicare
from billing.coverage.models import Authorisation, Benefit, Policy
from billing.coverage.policies import in_force, inactive_problem, subscriber_problems
from billing.coverage.visits import (
    VisitCount,
    authorisation_for,
    authorisation_problems,
    benefit_problems,
    visit_count,
)
from billing.errors import Problem
from billing.patients.models import Patient
from billing.patients.readiness import claim_problems
from billing.payers.models import Payer, PayerKind
from billing.payers.readiness import payer_problems
from billing.practitioners.licensing import bills_medicare, licence_problems, may_render
from billing.practitioners.models import Credential, Enrolment, Practitioner
from billing.sessions.facts import in_order_of_payment
from billing.sessions.models import AccidentKind, BillTo
from billing.treatment.scores import has_improved


@dataclass(frozen=True, slots=True)
class Coming:
    """A session that is to be judged, whether it is booked yet or not."""

    patient_id: int
    practitioner_id: int
    on: date
    bill_to: BillTo
    accident: AccidentKind | None = None
    supervising_id: int | None = None
    where: str = ""
    """The record at which it is mended: ``session:5``."""


@dataclass(frozen=True, slots=True)
class EarlierVisit:
    """A session of the patient that is signed or planned."""

    session_id: int
    on: date
    bill_to: BillTo
    accident: AccidentKind | None
    is_filed: bool
    is_acupuncture: bool
    """Whether it is charted as acupuncture, or still to be charted."""
    is_planned: bool = False
    """Whether it is not signed yet."""


@dataclass(frozen=True, slots=True)
class Clinicians:
    """Those who treat, with what allows them to, and the insurers they treat for."""

    state: str
    """Where the clinic is; empty where no state licenses acupuncturists."""
    practitioners: Mapping[int, Practitioner]
    credentials: Mapping[int, Sequence[Credential]]
    """By practitioner."""
    enrolments: Mapping[int, Sequence[Enrolment]]
    """By practitioner."""
    payers: Mapping[int, Payer]

    def licence_problems(self, practitioner_id: int, on: date) -> list[Problem]:
        """What speaks against their licence that day; nothing where no state licenses acupuncturists."""
        treating, own = self.practitioners[practitioner_id], self.credentials.get(practitioner_id, ())
        return licence_problems(treating, own, self.state, on) if self.state else []


@dataclass(frozen=True, slots=True)
class Insured:
    """What is known of one patient."""

    patient: Patient
    policies: Sequence[Policy] = ()
    benefits: Mapping[int, Benefit] = field(default_factory=dict)
    """By payer."""
    authorisations: Mapping[int, Sequence[Authorisation]] = field(default_factory=dict)
    """By payer."""
    visits: Sequence[EarlierVisit] = ()
    later: Mapping[tuple[int, int], bool] = field(default_factory=dict)
    """Sessions for which a payer is asked after another one, by session and payer: whether it has been billed."""
    pain_scores: Mapping[date, int] = field(default_factory=dict)

    def paying(self, on: date, accident: AccidentKind | None, payers: Mapping[int, Payer]) -> list[Policy]:
        """The policies in force that day, the one that pays first at the front."""
        return in_order_of_payment(in_force(self.policies, on), accident, payers)


@dataclass(frozen=True, slots=True)
class Outlook:
    """How a session stands before it is treated."""

    bill_to: BillTo
    payer: Payer | None
    benefit: Benefit | None
    count: VisitCount | None
    """Which visit of the plan's it is; of Medicare's, at Medicare."""
    planned: int
    """How many of the visits counted are not signed yet, besides this one."""
    authorisation: Authorisation | None
    authorised_visit: int
    """Which visit of that authorisation it is."""
    problems: list[Problem]
    is_licensed_work: bool = True
    """Whether who treats needs a licence where the clinic is."""


def outlook(coming: Coming, insured: Insured, clinicians: Clinicians) -> Outlook:
    """All that speaks against, or should be known before, this session, as far as its chart does not matter."""
    if coming.bill_to is not BillTo.INSURANCE:
        return _without_payer(coming, clinicians, clinicians.licence_problems(coming.practitioner_id, coming.on))
    policies = insured.paying(coming.on, coming.accident, clinicians.payers)
    if policies:
        return _insured_outlook(coming, insured, clinicians, policies[0])
    problems = [
        inactive_problem(list(insured.policies), coming.on, coming.patient_id),
        *clinicians.licence_problems(coming.practitioner_id, coming.on),
        *claim_problems(insured.patient),
    ]
    return _without_payer(coming, clinicians, problems)


def _without_payer(coming: Coming, clinicians: Clinicians, problems: list[Problem]) -> Outlook:
    return Outlook(coming.bill_to, None, None, None, 0, None, 0, problems, bool(clinicians.state))


def _insured_outlook(coming: Coming, insured: Insured, clinicians: Clinicians, policy: Policy) -> Outlook:
    payer, on = clinicians.payers[policy.payer_id], coming.on
    benefit = insured.benefits.get(payer.id)
    visits = _asked_of(payer, insured, clinicians)
    days, filed = [one.on for one in visits], [one.on for one in visits if _is_filed_with(payer, one, insured)]
    given = insured.authorisations.get(payer.id, ())
    problems = [
        *_rendering_problems(coming, clinicians, payer),
        *payer_problems(payer),
        *claim_problems(insured.patient),
        *subscriber_problems(policy),
        *benefit_problems(benefit, policy, days, on, filed),
    ]
    if payer.kind is PayerKind.VA or (benefit and benefit.authorisation_required):
        problems += authorisation_problems(given, days, on, coming.patient_id, filed)
    count = visit_count(benefit, policy, days, on, filed) if benefit else None
    if payer.kind is PayerKind.MEDICARE:
        counted = [one for one in visits if one.is_acupuncture]
        problems += _medicare_problems(counted, payer, insured, on)
        count = _medicare_count([one.on for one in counted], on)
    authorisation, number = authorisation_for(given, days, on, filed)
    first = count.first_on if count else date.min
    planned = len({one.on for one in visits if one.is_planned and first <= one.on < on})
    return Outlook(coming.bill_to, payer, benefit, count, planned, authorisation, number, problems)


def _asked_of(payer: Payer, insured: Insured, clinicians: Clinicians) -> list[EarlierVisit]:
    """The visits that this payer is asked to pay for: as the first, or as a later one."""
    found = []
    for one in insured.visits:
        billed = insured.paying(one.on, one.accident, clinicians.payers) if one.bill_to is BillTo.INSURANCE else []
        if (billed and billed[0].payer_id == payer.id) or (one.session_id, payer.id) in insured.later:
            found.append(one)
    return found


def _is_filed_with(payer: Payer, visit: EarlierVisit, insured: Insured) -> bool:
    return insured.later.get((visit.session_id, payer.id), visit.is_filed)


def _rendering_problems(coming: Coming, clinicians: Clinicians, payer: Payer) -> list[Problem]:
    treating = clinicians.practitioners[coming.practitioner_id]
    supervising = clinicians.practitioners.get(coming.supervising_id or 0)
    rendering, problems = treating, []
    if payer.kind is PayerKind.MEDICARE and not bills_medicare(treating):
        problems = clinicians.licence_problems(coming.practitioner_id, coming.on)
        if supervising is None or not bills_medicare(supervising):
            name = f"{treating.first_name} {treating.last_name}"
            return [*problems, medicare.not_eligible_problem(name, coming.where)]
        rendering = supervising
    return problems + may_render(
        rendering,
        clinicians.credentials.get(rendering.id, ()),
        clinicians.enrolments.get(rendering.id, ()),
        state=clinicians.state,
        payer=payer,
        on=coming.on,
    )


def _medicare_problems(counted: Sequence[EarlierVisit], payer: Payer, insured: Insured, on: date) -> list[Problem]:
    days = [one.on for one in counted]
    first, _ = medicare.year_of(days, on)
    scores = [value for day, value in sorted(insured.pain_scores.items()) if first <= day <= on]
    filed = [one.on for one in counted if _is_filed_with(payer, one, insured)]
    # KX is put on the lines when the session is charted, so nothing can be said about it yet.
    return medicare.visit_problems(days, on, improved=has_improved(scores), attested=True, filed=filed)


def _medicare_count(days: Sequence[date], on: date) -> VisitCount:
    first, _ = medicare.year_of(days, on)
    here = len({day for day in days if first <= day <= on} | {on})
    allowed = medicare.FIRST_COURSE_VISITS if here <= medicare.FIRST_COURSE_VISITS else medicare.VISITS_A_YEAR
    return VisitCount(allowed, first, here, 0)
