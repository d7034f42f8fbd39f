"""What can be said of a session before anything is charted in it: booking and the desk warn by it. Pure.

These are the rules of :mod:`billing.sessions.clearance`, without those about the chart. A visit counts here
as soon as it is planned, so that the twelfth of twelve visits is known as such when it is booked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from billing.clinic.places import Workplace
from billing.coverage.benefit_then import benefit_on
from billing.coverage.dollars import Paid
from billing.coverage.models import Authorisation, Benefit, BenefitVersion, Policy
from billing.coverage.payer_order import order_problems
from billing.coverage.policies import in_force, inactive_problem
from billing.coverage.rules.case import Case, PaidVisit
from billing.coverage.rules.shelf import Shelf, shelf
from billing.coverage.visit_cover import Billed, Counter, ahead, visit_cover
from billing.coverage.visits import VisitCount
from billing.errors import Problem
from billing.patients.models import Patient
from billing.patients.readiness import claim_problems
from billing.payers.models import Payer
from billing.payers.readiness import payer_problems
from billing.practitioners.licensing import Clinician, may_serve, practice_problems
from billing.practitioners.models import Credential, Enrolment, Practitioner, Supervision
from billing.practitioners.scope import ANY_ACUPUNCTURE
from billing.practitioners.supervising import proposed_supervisor
from billing.sessions.cover import improved_by, plan_year_of, renderer_of
from billing.sessions.models import AccidentKind, BillTo
from billing.sessions.payment_order import in_order_of_payment
from billing.sessions.rendering import Rendered, rendered


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
    room_id: int | None = None
    is_new: bool = False
    """Whether it is not booked yet: who usually supervises is then taken to."""


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

    home: Workplace
    """The clinic's own address."""
    practitioners: Mapping[int, Practitioner]
    credentials: Mapping[int, Sequence[Credential]]
    """By practitioner."""
    enrolments: Mapping[int, Sequence[Enrolment]]
    """By practitioner."""
    payers: Mapping[int, Payer]
    supervisions: Mapping[int, Sequence[Supervision]] = field(default_factory=dict)
    """By whose treatments are supervised."""
    premises: Sequence[Credential] = ()
    """Certificates of places of work."""
    places: Mapping[int, Workplace] = field(default_factory=dict)
    """By room; a room at the clinic's own address has none."""
    packs: Shelf = field(default_factory=shelf)
    """What payers want of acupuncture, as rules."""

    def clinician(self, practitioner_id: int) -> Clinician:
        """Somebody who treats, with all that is on file of them."""
        return Clinician(
            self.practitioners[practitioner_id],
            self.credentials.get(practitioner_id, ()),
            self.enrolments.get(practitioner_id, ()),
            self.supervisions.get(practitioner_id, ()),
            self.premises,
        )

    def place(self, room_id: int | None) -> Workplace:
        """Where a room is; without one, the clinic's own address."""
        return self.places.get(room_id or 0, self.home)

    def practice_problems(self, practitioner_id: int, on: date, room_id: int | None = None) -> list[Problem]:
        """What speaks against their treating there that day, whoever pays: licence or registration."""
        return practice_problems(self.clinician(practitioner_id), self.place(room_id), on)

    def service_problems(self, practitioner_id: int, on: date, room_id: int | None = None) -> list[Problem]:
        """What speaks against their giving acupuncture there that day: what their licence allows."""
        return may_serve(self.clinician(practitioner_id), self.place(room_id), ANY_ACUPUNCTURE, on)


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
    paid: Mapping[int, Sequence[Paid]] = field(default_factory=dict)
    """What each payer paid here, by payer, where a plan limits it."""

    told_before: Mapping[int, Sequence[BenefitVersion]] = field(default_factory=dict)
    """What each payer said of its benefit in earlier years, by payer."""

    def benefit_on(self, policy: Policy, on: date) -> Benefit | None:
        """What the payer said it covers on that day; ``None`` while nobody has asked."""
        benefit = self.benefits.get(policy.payer_id)
        return benefit_on(benefit, self.told_before.get(policy.payer_id, ()), policy, on) if benefit else None

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
    """Which visit it is of the limit that has least left: the plan's own, or one of its rules."""
    planned: int
    """How many of the visits counted are not signed yet, besides this one."""
    authorisation: Authorisation | None
    authorised_visit: int
    """Which visit of that authorisation it is."""
    problems: list[Problem]
    is_licensed_work: bool = True
    """Whether who treats needs a state's licence where the session is."""
    counters: tuple[Counter, ...] = ()
    """Every limit that the visit counts towards, the one with least left first."""
    ahead: tuple[Problem, ...] = ()
    """What the visit after this one will be held for, or asked for, that this one is not."""


def outlook(coming: Coming, insured: Insured, clinicians: Clinicians) -> Outlook:
    """All that speaks against, or should be known before, this session, as far as its chart does not matter."""
    if coming.bill_to is not BillTo.INSURANCE:
        return _without_payer(coming, clinicians, _practice_problems(coming, clinicians))
    policies = insured.paying(coming.on, coming.accident, clinicians.payers)
    if policies:
        return _insured_outlook(coming, insured, clinicians, policies)
    problems = [
        inactive_problem(list(insured.policies), coming.on, coming.patient_id),
        *_practice_problems(coming, clinicians),
        *claim_problems(insured.patient),
    ]
    return _without_payer(coming, clinicians, problems)


def _without_payer(coming: Coming, clinicians: Clinicians, problems: list[Problem]) -> Outlook:
    is_licensed = clinicians.place(coming.room_id).licenses_acupuncturists
    return Outlook(coming.bill_to, None, None, None, 0, None, 0, problems, is_licensed)


def _practice_problems(coming: Coming, clinicians: Clinicians) -> list[Problem]:
    whose = (coming.practitioner_id, coming.on, coming.room_id)
    return [*clinicians.practice_problems(*whose), *clinicians.service_problems(*whose)]


def _insured_outlook(coming: Coming, insured: Insured, clinicians: Clinicians, policies: Sequence[Policy]) -> Outlook:
    policy, on = policies[0], coming.on
    payer = clinicians.payers[policy.payer_id]
    visits = asked_of(payer, insured, clinicians)
    render = _rendered(coming, clinicians, payer)
    billed = billed_session(coming, insured, clinicians, policy, visits, render.rendering)
    found = visit_cover(billed, clinicians.packs)
    told = {problem.rule for problem in render.problems}
    problems = [
        *render.problems,
        *clinicians.service_problems(coming.practitioner_id, on, coming.room_id),
        *payer_problems(payer),
        *claim_problems(insured.patient),
        *(problem for problem in found.problems if problem.rule not in told),
        *order_problems(
            policies, clinicians.payers, insured.patient.birth_date, on, is_injury=coming.accident is not None
        ),
    ]
    first = found.count.first_on if found.count else date.min
    planned = len({one.on for one in visits if one.is_planned and first <= one.on < on})
    coming_up = [one for one in ahead(billed, clinicians.packs, found) if one.rule not in told]
    return Outlook(
        coming.bill_to, payer, billed.benefit, found.count, planned, found.authorisation, found.authorised_visit,
        problems, counters=found.counters, ahead=tuple(coming_up),
    )  # fmt: skip


def billed_session(
    coming: Coming,
    insured: Insured,
    clinicians: Clinicians,
    policy: Policy,
    visits: Sequence[EarlierVisit],
    rendering: Practitioner | None,
) -> Billed:
    """The session as a payer will see it, as far as it is known before anything is charted."""
    payer = clinicians.payers[policy.payer_id]
    benefit = insured.benefit_on(policy, coming.on)
    paid = [
        PaidVisit(one.on, None if one.is_acupuncture else frozenset(), _is_filed_with(payer, one, insured))
        for one in visits
    ]
    case = Case(
        on=coming.on,
        visits=paid,
        scores=insured.pain_scores,
        improved=improved_by(insured.pain_scores),
        renderer=renderer_of(rendering) if rendering else None,
        policy_from=policy.effective_from,
        plan_year_from=plan_year_of(benefit),
    )
    given = insured.authorisations.get(payer.id, ())
    return Billed(payer, policy, benefit, given, clinicians.home.state, case, paid=insured.paid.get(payer.id, ()))


def asked_of(payer: Payer, insured: Insured, clinicians: Clinicians) -> list[EarlierVisit]:
    """The visits that this payer is asked to pay for: as the first, or as a later one."""
    found = []
    for one in insured.visits:
        billed = insured.paying(one.on, one.accident, clinicians.payers) if one.bill_to is BillTo.INSURANCE else []
        if (billed and billed[0].payer_id == payer.id) or (one.session_id, payer.id) in insured.later:
            found.append(one)
    return found


def _is_filed_with(payer: Payer, visit: EarlierVisit, insured: Insured) -> bool:
    return insured.later.get((visit.session_id, payer.id), visit.is_filed)


def _rendered(coming: Coming, clinicians: Clinicians, payer: Payer) -> Rendered:
    treating = clinicians.clinician(coming.practitioner_id)
    supervising_id = coming.supervising_id
    if supervising_id is None and coming.is_new:
        supervising_id = proposed_supervisor(treating.supervisions, payer.id, coming.on)
    supervisor = clinicians.clinician(supervising_id) if supervising_id else None
    return rendered(treating, supervisor, clinicians.place(coming.room_id), payer, coming.on, coming.where)
