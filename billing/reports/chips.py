"""How a session stands before it is treated, in a few words each: one for every thing the desk looks at. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from billing.coverage.benefit_kept import COVERED_BY_HAND
from billing.coverage.visits import NEARLY_USED_PERCENT
from billing.errors import Problem, Severity
from billing.money import Money
from billing.patients.models import Patient
from billing.patients.safety import flag_words
from billing.reports.outlook_facts import OnAccount
from billing.sessions.models import BillTo
from billing.sessions.outlook import Outlook


class Tone(StrEnum):
    """How a chip looks."""

    GOOD = "good"
    WARN = "warn"
    BAD = "bad"
    INFO = "info"
    QUIET = "quiet"


@dataclass(frozen=True, slots=True)
class Chip:
    """One thing in a word or two, with its reason and what to do about it."""

    words: str
    tone: Tone
    why: str = ""
    where: str = ""
    """The record at which it is mended."""


_WORDS = {
    "coverage.inactive": "Coverage inactive",
    "coverage.unknown": "Coverage unknown",
    "coverage.excluded": "Not covered",
    "coverage.contradictory": "Payer said both",
    "coverage.limit_reached": "No visits left",
    "authorisation.missing": "Authorisation missing",
    "authorisation.used_up": "Authorisation used up",
    "authorisation.nearly_used": "Authorisation nearly used",
    "authorisation.code_not_covered": "Code not authorised",
    "authorisation.too_many_units": "More units than authorised",
    "authorisation.diagnosis": "Diagnosis not authorised",
    "coverage.order": "Order of payers",
    "coverage.referral_missing": "Referral missing",
    "coverage.visit_limit": "No visits left",
    "coverage.needs_improvement": "Improvement to be shown",
    "coverage.no_benefit": "Benefit to be shown",
    "coverage.no_functional_improvement": "Improvement to be shown",
    "coverage.course_over": "Course is long",
    "coverage.visits_a_week": "Many visits this week",
    "coverage.visits_a_month": "No visits left this month",
    "coverage.maintenance": "Looks like maintenance",
    "coverage.diagnosis_not_listed": "Diagnosis not on the list",
    "coverage.not_eligible_provider": "Provider not paid",
    "coverage.injury_facts": "Injury incomplete",
    "coverage.first_care": "First care was late",
    "licence.lapsed": "Licence lapsed",
    "licence.suspended": "Licence suspended",
    "licence.missing": "Licence missing",
    "licence.end_unknown": "Licence end unknown",
    "licence.restricted": "Licence restricted",
    "licence.service_not_allowed": "Outside the licence",
    "consent.missing": "No signature on file",
    "patient.incomplete": "Address incomplete",
    "payer.incomplete": "No payer number",
    "subscriber.incomplete": "Subscriber incomplete",
    "enrolment.missing": "Not enrolled with payer",
    "npi.invalid": "NPI invalid",
    "malpractice.missing": "No malpractice cover",
    "malpractice.lapsed": "Malpractice cover lapsed",
    "medicare.visit_limit": "No Medicare visits left",
    "medicare.needs_improvement": "Improvement to be shown",
    "medicare.first_course_over": "First 90 days are over",
    "medicare.not_eligible_provider": "Cannot bill Medicare",
}
_OF_COVERAGE = (
    "coverage.inactive", "coverage.unknown", "coverage.excluded", "coverage.contradictory", "coverage.stale",
)  # fmt: skip
_OF_VISITS = ("coverage.limit_reached", "coverage.visit_limit", "coverage.visits_a_month", "medicare.visit_limit")
_OF_AUTHORISATION = ("authorisation.missing", "authorisation.used_up", "authorisation.nearly_used")
_NEXT = {
    "coverage.limit_reached": "The next one is not paid",
    "coverage.visit_limit": "The next one is not paid",
    "medicare.visit_limit": "The next one is not paid",
    "medicare.needs_improvement": "The next one needs improvement",
    "coverage.needs_improvement": "The next one needs improvement",
    "coverage.no_functional_improvement": "The next one needs improvement",
    "authorisation.missing": "The next one needs an authorisation",
    "authorisation.used_up": "The next one needs an authorisation",
}
"""What is told before it happens, in the order of weight."""
_NOT_INSURED = {BillTo.SELF: "Self-pay", BillTo.SUPERBILL: "Superbill"}


def chips(outlook: Outlook, patient: Patient, account: OnAccount, today: date, currency: str) -> list[Chip]:
    """Everything the desk looks at, in always the same order."""
    return [
        *coverage_chips(outlook, patient, today),
        *safety_chips(patient),
        *money_chips(account, patient, currency),
    ]


def coverage_chips(outlook: Outlook, patient: Patient, today: date) -> list[Chip]:
    """Cover, visits, authorisation, licence, signature, and whatever else speaks against the bill."""
    problems = {problem.rule: problem for problem in outlook.problems}
    shown = [
        _coverage(outlook, problems, today),
        _visits(outlook, problems),
        _next_one(outlook),
        _authorisation(outlook, problems),
        _licence(outlook, problems),
        _signature(outlook, problems, patient),
    ]
    told = (*_OF_COVERAGE, *_OF_VISITS, *_OF_AUTHORISATION, "licence.", "consent.")
    others = [_from(problem) for rule, problem in problems.items() if not rule.startswith(told)]
    return [chip for chip in shown if chip] + others


def safety_chips(patient: Patient) -> list[Chip]:
    """What the practitioner has to weigh before a needle goes in."""
    return [
        Chip(flag_words(flag), Tone.WARN, "A safety flag of the patient.", f"patient:{patient.id}")
        for flag in patient.flags
    ]


def money_chips(account: OnAccount, patient: Patient, currency: str) -> list[Chip]:
    """What the patient owes, or has to their credit; nothing when the account is even."""
    shown = []
    where = f"patient:{patient.id}"
    if account.owed_cents:
        owed = Money(account.owed_cents, currency)
        shown.append(Chip(f"Owes {owed}", Tone.WARN, f"{owed} is owed from earlier. Ask for it today.", where))
    if account.credit_cents:
        credit = Money(account.credit_cents, currency)
        shown.append(Chip(f"Credit {credit}", Tone.INFO, f"{credit} is there and pays for nothing yet.", where))
    return shown


def _coverage(outlook: Outlook, problems: dict[str, Problem], today: date) -> Chip | None:
    if outlook.bill_to is not BillTo.INSURANCE:
        return Chip(_NOT_INSURED[outlook.bill_to], Tone.QUIET)
    stale = problems.get("coverage.stale")
    for rule in _OF_COVERAGE[:-1]:
        if rule in problems:
            return _from(problems[rule])
    benefit, payer = outlook.benefit, outlook.payer
    if benefit is None or payer is None:
        return None
    words = _verified(benefit.verified_on, today)
    if stale:
        return Chip(words, Tone.WARN, f"{stale.why} {stale.fix}", stale.where)
    where = f"patient:{benefit.patient_id}"
    if COVERED_BY_HAND.intersection(benefit.set_by_hand or ()):
        why = f"A person set by hand that {payer.name} covers acupuncture; its electronic answer does not say so."
        return Chip("Covered, set by hand", Tone.INFO, why, where)
    return Chip(words, Tone.GOOD, f"{payer.name} covers acupuncture for this patient.", where)


def _verified(verified_on: date | None, today: date) -> str:
    if verified_on is None:
        return "Verified, nobody knows when"
    days = (today - verified_on).days
    if days <= 0:
        return "Verified today"
    return "Verified yesterday" if days == 1 else f"Verified {days} days ago"


def _visits(outlook: Outlook, problems: dict[str, Problem]) -> Chip | None:
    count = outlook.count
    if count is None:
        return None
    words = f"Visit {count.number} of {count.allowed}"
    counted = f"{count.here} here since {count.first_on}"
    counted += f", {outlook.planned} of them not signed yet" if outlook.planned else ""
    counted += f", and {count.elsewhere} elsewhere" if count.elsewhere else ""
    for rule in _OF_VISITS:
        if problem := problems.get(rule):
            return Chip(words, Tone.BAD, f"{problem.why} {problem.fix}", problem.where)
    where = f"benefit:{outlook.benefit.id}" if outlook.benefit else ""
    if count.number * 100 < count.allowed * NEARLY_USED_PERCENT:
        return Chip(words, Tone.GOOD, f"Counted with this one: {counted}.", where)
    return Chip(words, Tone.WARN, f"Counted with this one: {counted}. Ask the plan for more visits in time.", where)


def _next_one(outlook: Outlook) -> Chip | None:
    """What the next visit will want, while there is time to see to it."""
    coming = {problem.rule: problem for problem in outlook.ahead}
    for rule, words in _NEXT.items():
        if problem := coming.get(rule):
            why = f"Of the visit after this one: {problem.why} {problem.fix}"
            return Chip(words, Tone.WARN, why, problem.where)
    return None


def _authorisation(outlook: Outlook, problems: dict[str, Problem]) -> Chip | None:
    for rule in ("authorisation.missing", "authorisation.used_up"):
        if rule in problems:
            return _from(problems[rule])
    given = outlook.authorisation
    if given is None:
        return None
    words = f"Authorised {outlook.authorised_visit} of {given.visits}"
    if problem := problems.get("authorisation.nearly_used"):
        return Chip(words, Tone.WARN, f"{problem.why} {problem.fix}", problem.where)
    why = f"Authorisation {given.number} holds from {given.valid_from} to {given.valid_to}."
    return Chip(words, Tone.GOOD, why, f"patient:{given.patient_id}")


def _signature(outlook: Outlook, problems: dict[str, Problem], patient: Patient) -> Chip | None:
    if outlook.bill_to is BillTo.SELF:
        return None
    if problem := problems.get("consent.missing"):
        return _from(problem)
    if patient.signature_on_file:
        return Chip("Signature on file", Tone.GOOD)
    why = "Without it no insurer can be billed; this session goes to none."
    return Chip("No signature on file", Tone.QUIET, why, f"patient:{patient.id}")


def _licence(outlook: Outlook, problems: dict[str, Problem]) -> Chip | None:
    for rule, problem in problems.items():
        if rule.startswith("licence."):
            return _from(problem)
    return Chip("Licence in force", Tone.GOOD) if outlook.is_licensed_work else None


def _from(problem: Problem) -> Chip:
    words = _WORDS.get(problem.rule) or problem.rule.replace(".", ": ").replace("_", " ").capitalize()
    tone = {Severity.BLOCK: Tone.BAD, Severity.WARN: Tone.WARN, Severity.INFO: Tone.INFO}[problem.severity]
    return Chip(words, tone, f"{problem.why} {problem.fix}", problem.where)


def to_mend(outlook: Outlook) -> list[Problem]:
    """What should be mended before the needles go in, worst first."""
    return sorted(_told(outlook.problems), key=lambda one: (one.severity is not Severity.BLOCK, one.rule))


def _told(problems: Iterable[Problem]) -> list[Problem]:
    return [one for one in problems if one.severity is not Severity.INFO]
