"""Issuing estimates, and replacing one by another when what is expected has changed."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import TypeAdapter
from sqlalchemy import select

from billing.charges.pricing import standard_fees
from billing.charges.queries import fees_with
from billing.clinic.letterhead import letterhead
from billing.clinic.models import Clinic
from billing.clinic.numbering import take_numbers
from billing.clinic.queries import the_clinic
from billing.clock import local
from billing.codes.diagnoses import normal_code
from billing.codes.procedures import label_of
from billing.database import Db, hold_lock
from billing.errors import NotFound, Problem, Refused, block
from billing.estimates.good_faith.scope import (
    PricedScope,
    PricedService,
    Scope,
    as_stored,
    priced_scope,
    priced_services,
    scope_problems,
)
from billing.estimates.good_faith.wording import notes, schedule_words, title
from billing.estimates.models import EstimateKind, GoodFaithEstimate
from billing.money import Money
from billing.patients.models import Patient
from billing.patients.party import party
from billing.pdf.good_faith_estimate import Estimate, ExpectedItem, Provider
from billing.pdf.parts import Letterhead
from billing.practitioners.models import Practitioner

ESTIMATE: TypeAdapter[Estimate] = TypeAdapter(Estimate)

SERIES = "estimate"
LONGEST_WHY = 300
_PREFIX = {EstimateKind.GOOD_FAITH: "GFE", EstimateKind.PLAIN: "EST"}


def estimate_name(kind: EstimateKind, number: int, version: int) -> str:
    """The number as it is printed: ``GFE-000012``, and ``GFE-000012 v2`` when it replaces that one."""
    return f"{_PREFIX[kind]}-{number:06d}" + (f" v{version}" if version > 1 else "")


def name_of(estimate: GoodFaithEstimate) -> str:
    """The same of an issued one."""
    return estimate_name(estimate.kind, estimate.number, estimate.version)


def kind_for(clinic: Clinic) -> EstimateKind:
    """Good-faith estimates are asked for in the United States alone."""
    return EstimateKind.GOOD_FAITH if clinic.currency == "USD" else EstimateKind.PLAIN


def issue_estimate(
    db: Db,
    patient_id: int,
    practitioner_id: int,
    scope: Scope,
    *,
    by: str,
    at: datetime,
    replaces: int | None = None,
    why: str = "",
) -> GoodFaithEstimate:
    """Issue an estimate of these visits, dated today; with ``replaces`` it is the next version of that one.

    Raises :class:`NotFound` for an unknown patient, practitioner or estimate, and :class:`Refused` with every reason.
    """
    patient, practitioner = db.get(Patient, patient_id), db.get(Practitioner, practitioner_id)
    if patient is None:
        raise NotFound(f"There is no patient {patient_id}.")
    if practitioner is None:
        raise NotFound(f"There is no practitioner {practitioner_id}.")
    hold_lock(db, f"estimates:{patient_id}")
    clinic = the_clinic(db)
    today = local(at, clinic.time_zone).date()
    earlier = _replaced(db, replaces, patient_id) if replaces is not None else None
    schedule = standard_fees(fees_with(db))
    problems = [
        *scope_problems(scope, schedule),
        *_time_problems(scope, today),
        *_provider_problems(clinic, practitioner),
        *(_why_problems(why) if earlier else ()),
    ]
    if problems:
        raise Refused(" ".join(f"{one.why} {one.fix}" for one in problems), problems)
    kind = earlier.kind if earlier else kind_for(clinic)
    number = earlier.number if earlier else take_numbers(db, SERIES, 1)[0]
    version = earlier.version + 1 if earlier else 1
    priced = priced_scope(scope, schedule)
    replaced = f"{name_of(earlier)}: {why.strip()}" if earlier else ""
    content = estimate_content(
        estimate_name(kind, number, version), kind, clinic, patient, practitioner, priced,
        priced_services(scope, schedule), today, replaced,
    )  # fmt: skip
    made = GoodFaithEstimate(
        kind=kind, number=number, version=version, supersedes_id=earlier.id if earlier else None,
        patient_id=patient_id, practitioner_id=practitioner_id, from_on=scope.from_on, to_on=scope.to_on,
        issued_on=today, issued_at=at, by=by, why=why.strip() if earlier else "", total_cents=content.total.cents,
        scope=as_stored(priced), snapshot=dict(ESTIMATE.dump_python(content, mode="json")),
    )  # fmt: skip
    db.add(made)
    db.flush()
    return made


def estimate_content(
    name: str,
    kind: EstimateKind,
    clinic: Clinic,
    patient: Patient,
    practitioner: Practitioner,
    priced: PricedScope,
    services: list[PricedService],
    on: date,
    replaces: str = "",
) -> Estimate:
    """What the paper prints."""
    scope, currency = priced.scope, clinic.currency
    head = letterhead(clinic, with_tax_id=True)
    provider = _provider(clinic, practitioner, head)
    codes = tuple(normal_code(code) for code in scope.diagnoses)
    return Estimate(
        title=title(kind),
        number=name,
        issued_on=on,
        letterhead=head,
        patient=party(patient),
        birth_date=patient.birth_date,
        service=_service_words(services),
        from_on=scope.from_on,
        to_on=scope.to_on,
        visits=len(scope.days),
        items=tuple(_item(one, provider, codes, currency) for one in services),
        currency=currency,
        schedule=schedule_words(scope.days, scope.frequency, head.region),
        separately=scope.separately,
        replaces=replaces,
        notes=notes(kind, to_on=scope.to_on, visits=len(scope.days), currency=currency, region=head.region),
    )


def _item(one: PricedService, provider: Provider, codes: tuple[str, ...], currency: str) -> ExpectedItem:
    label = label_of(one.code)
    return ExpectedItem(
        provider=provider,
        description=label,
        code="" if label == one.code else one.code,
        each=Money(one.each_cents, currency),
        visits=one.visits,
        units=one.units,
        diagnoses=codes,
    )


def _service_words(services: list[PricedService]) -> str:
    """The primary service in plain words, such as ``Acupuncture``: what most is charged for, whatever its minutes."""
    charged: dict[str, int] = {}
    for one in services:
        plain = label_of(one.code).partition(",")[0]
        charged[plain] = charged.get(plain, 0) + one.visits * one.each_cents
    return max(charged, key=charged.__getitem__, default="")


def _provider(clinic: Clinic, practitioner: Practitioner, head: Letterhead) -> Provider:
    letters = f", {practitioner.credentials}" if practitioner.credentials else ""
    return Provider(
        name=f"{practitioner.first_name} {practitioner.last_name}{letters}",
        npi=practitioner.npi or "",
        tax_id=head.tax_id,
        practice=clinic.name,
        address=head.address,
    )


def _replaced(db: Db, estimate_id: int, patient_id: int) -> GoodFaithEstimate:
    earlier = db.get(GoodFaithEstimate, estimate_id)
    if earlier is None or earlier.patient_id != patient_id:
        raise NotFound(f"There is no estimate {estimate_id} of this patient.")
    if later := db.scalar(select(GoodFaithEstimate).where(GoodFaithEstimate.supersedes_id == estimate_id)):
        raise Refused(f"{name_of(earlier)} was replaced already, by {name_of(later)}. Replace that one instead.")
    return earlier


def _time_problems(scope: Scope, today: date) -> list[Problem]:
    if not scope.days or scope.from_on >= today:
        return []
    why = f"The first visit would be on {scope.from_on}, which has passed."
    return [
        block("estimate.days", why, "Estimate the visits to come; what was billed stays with its own.", "field:from_on")
    ]


def _provider_problems(clinic: Clinic, practitioner: Practitioner) -> list[Problem]:
    """A good-faith estimate names the provider's NPI (45 CFR 149.610(c)(1))."""
    if kind_for(clinic) is EstimateKind.PLAIN or practitioner.npi:
        return []
    why = f"{practitioner.first_name} {practitioner.last_name} has no NPI on file, and the estimate has to name it."
    return [block("npi.invalid", why, "Enter it.", f"practitioner:{practitioner.id}")]


def _why_problems(why: str) -> list[Problem]:
    if not why.strip():
        return [block("estimate.why", "It is not said what has changed.", "Say it in a few words.", "field:why")]
    if len(why) > LONGEST_WHY:
        return [
            block("estimate.why", f"The reason is longer than {LONGEST_WHY} characters.", "Shorten it.", "field:why")
        ]
    return []
