"""Entering, correcting and ending a patient's policies. None is ever deleted: what was billed under it stays told."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import select

from billing.clinic.addresses import Place, place_problems
from billing.clinic.country import is_american
from billing.clinic.queries import the_clinic
from billing.clock import today
from billing.coverage.models import Policy, Relationship
from billing.coverage.rules.keeping import named_pack_problems
from billing.coverage.wording import RANKS, span_words
from billing.database import Db, hold_lock
from billing.errors import NotFound, Problem, Refused, block
from billing.patients.details import LONGEST_TEXT, OLDEST_BIRTH
from billing.patients.models import Sex
from billing.patients.queries import patient_with_id
from billing.payers.models import Payer


@dataclass(frozen=True, slots=True)
class PolicyDetails:
    """What an insurance card says, and whose card it is; an empty text is not known."""

    payer_id: int
    rank: int
    """1 pays first."""
    member_id: str
    relationship: Relationship
    effective_from: date
    effective_to: date | None = None
    group_number: str = ""
    subscriber_first_name: str = ""
    subscriber_last_name: str = ""
    subscriber_birth_date: date | None = None
    subscriber_sex: Sex | None = None
    subscriber_address1: str = ""
    subscriber_city: str = ""
    subscriber_state: str = ""
    subscriber_zip: str = ""
    employer: str = ""
    rule_pack: str = ""
    """The key of the pack that judges this plan; empty: the payer's."""


_TEXTS = (
    "member_id", "group_number", "subscriber_first_name", "subscriber_last_name", "subscriber_address1",
    "subscriber_city", "subscriber_state", "subscriber_zip", "employer", "rule_pack",
)  # fmt: skip
_OTHERS = ("rank", "relationship", "effective_from", "effective_to", "subscriber_birth_date", "subscriber_sex")


def policy_details_of(policy: Policy) -> PolicyDetails:
    """What is on file of a policy."""
    texts: dict[str, Any] = {name: getattr(policy, name) or "" for name in _TEXTS}
    others = {name: getattr(policy, name) for name in _OTHERS}
    return PolicyDetails(payer_id=policy.payer_id, **texts, **others)


def policy_with_id(db: Db, policy_id: int) -> Policy:
    """The policy with that number. Raises :class:`NotFound`."""
    policy = db.get(Policy, policy_id)
    if policy is None:
        raise NotFound(f"There is no policy {policy_id}.")
    return policy


def add_policy(db: Db, patient_id: int, details: PolicyDetails) -> Policy:
    """Put a new policy of a patient on file.

    Raises :class:`NotFound` for an unknown patient, :class:`Refused` with every reason.
    """
    patient_with_id(db, patient_id)
    tidied = _tidied(details)
    _refuse_any([*_payer_problems(db, tidied.payer_id), *_problems(db, patient_id, tidied)])
    policy = Policy(patient_id=patient_id, payer_id=tidied.payer_id)
    _write(policy, tidied)
    db.add(policy)
    db.flush()
    return policy


def edit_policy(db: Db, policy_id: int, details: PolicyDetails) -> Policy:
    """Correct a policy. Its payer stays: another insurer's card is another policy.

    Raises :class:`NotFound` for an unknown policy, :class:`Refused` with every reason.
    """
    policy = policy_with_id(db, policy_id)
    tidied = _tidied(details)
    problems = _problems(db, policy.patient_id, tidied, but=policy.id)
    if tidied.payer_id != policy.payer_id:
        fix = "End this policy, and enter the other one as a new policy."
        problems.append(block("policy.payer", "The insurer of a policy cannot be changed.", fix, "field:payer"))
    _refuse_any(problems)
    _write(policy, tidied)
    db.flush()
    return policy


def end_policy(db: Db, policy_id: int, on: date) -> Policy:
    """Say that a policy covers its last visit ``on`` that day. Raises :class:`NotFound`, :class:`Refused`."""
    policy = policy_with_id(db, policy_id)
    return edit_policy(db, policy_id, replace(policy_details_of(policy), effective_to=on))


def _tidied(details: PolicyDetails) -> PolicyDetails:
    texts: dict[str, Any] = {name: " ".join(getattr(details, name).split()) for name in _TEXTS}
    place = _subscriber_place(replace(details, **texts)).tidied()
    tidied = replace(details, **{**texts, "subscriber_state": place.state, "subscriber_zip": place.zip})
    if details.relationship is not Relationship.SELF:
        return tidied
    nobody: dict[str, Any] = {name: "" for name in _TEXTS if name.startswith("subscriber_")}
    return replace(tidied, **nobody, subscriber_birth_date=None, subscriber_sex=None)


def _write(policy: Policy, details: PolicyDetails) -> None:
    for name in _TEXTS:
        setattr(policy, name, getattr(details, name) or None)
    for name in _OTHERS:
        setattr(policy, name, getattr(details, name))


def _subscriber_place(details: PolicyDetails) -> Place:
    return Place(
        details.subscriber_address1, "", details.subscriber_city, details.subscriber_state, details.subscriber_zip
    )


def _problems(db: Db, patient_id: int, details: PolicyDetails, but: int | None = None) -> list[Problem]:
    hold_lock(db, f"policies:{patient_id}")
    others = [
        one
        for one in db.scalars(select(Policy).where(Policy.patient_id == patient_id).order_by(Policy.effective_from))
        if one.id != but
    ]
    return [
        *card_problems(db, details),
        *named_pack_problems(db, details.rule_pack),
        *overlap_problems(details, others, _payer_names(db, {one.payer_id for one in others})),
    ]


def card_problems(db: Db, details: PolicyDetails) -> list[Problem]:
    """What is wrong with an insurance card by itself, whoever holds it."""
    clinic = the_clinic(db)
    return list(policy_problems(_tidied(details), today(clinic.time_zone), american=is_american(clinic)))


def policy_problems(details: PolicyDetails, today: date, *, american: bool) -> Iterator[Problem]:
    """What is wrong with the details by themselves; ``american`` asks for states and ZIP codes there."""
    if not any(character.isalnum() for character in details.member_id):
        fix = "Copy it from the insurance card, letters included."
        yield block("policy.member_id", "The member number is missing.", fix, "field:member_id")
    if details.rank not in RANKS:
        yield block("policy.rank", "A policy pays first, second or third.", "Choose one of them.", "field:rank")
    if details.effective_to is not None and details.effective_to < details.effective_from:
        why = f"The policy would end on {details.effective_to}, before it begins on {details.effective_from}."
        yield block("policy.dates", why, "Correct one of the two days.", "field:effective_to")
    for name in _TEXTS:
        if len(getattr(details, name)) > LONGEST_TEXT:
            why = f"This is longer than {LONGEST_TEXT} characters."
            yield block("policy.length", why, "Shorten it.", f"field:{name}")
    if details.relationship is not Relationship.SELF:
        yield from _subscriber_problems(details, today, american=american)


def _subscriber_problems(details: PolicyDetails, today: date, *, american: bool) -> Iterator[Problem]:
    for name, label in (("subscriber_first_name", "first name"), ("subscriber_last_name", "last name")):
        if not any(character.isalpha() for character in getattr(details, name)):
            why = f"The patient is insured through someone else, whose {label} is missing."
            yield block("policy.subscriber", why, "Copy it from the insurance card.", f"field:{name}")
    born = details.subscriber_birth_date
    if born is not None and not OLDEST_BIRTH <= born <= today:
        why = f"The subscriber's birth date {born} is {'in the future' if born > today else 'before 1900'}."
        yield block("policy.subscriber", why, "Correct the year.", "field:subscriber_birth_date")
    if american:
        yield from place_problems(_subscriber_place(details), "subscriber_")


def overlap_problems(
    details: PolicyDetails, others: Iterable[Policy], payer_names: dict[int, str]
) -> Iterator[Problem]:
    """Which of the patient's other policies is in this one's way on some day.

    Two cannot be paid from in the same place, and of two with one payer only one would ever be billed.
    """
    for one in others:
        if not _overlap(details, one):
            continue
        name, span = payer_names[one.payer_id], span_words(one.effective_from, one.effective_to)
        if one.payer_id == details.payer_id:
            why = f"The patient has a policy with {name} already, {span}; of two only one would be billed."
            fix = "Correct that one, or end it before this one begins."
            yield block("policy.overlap", why, fix, "field:payer")
        elif one.rank == details.rank:
            why = f"{name} pays {RANKS[one.rank]} already, {span}."
            fix = "End that policy before this one begins, or give one of them another place."
            yield block("policy.overlap", why, fix, "field:rank")


def _overlap(details: PolicyDetails, other: Policy) -> bool:
    ends, other_ends = details.effective_to or date.max, other.effective_to or date.max
    return details.effective_from <= other_ends and other.effective_from <= ends


def _payer_problems(db: Db, payer_id: int) -> list[Problem]:
    if db.get(Payer, payer_id) is not None:
        return []
    return [block("policy.payer", "There is no such insurer.", "Choose one of the list.", "field:payer")]


def _payer_names(db: Db, payer_ids: Collection[int]) -> dict[int, str]:
    rows = db.execute(select(Payer.id, Payer.name).where(Payer.id.in_(payer_ids)))
    return dict(rows.all())


def _refuse_any(problems: list[Problem]) -> None:
    if problems:
        raise Refused(" ".join(problem.why for problem in problems), problems)
