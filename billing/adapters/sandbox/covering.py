"""What the pretended payer says about cover: a plan drawn from the member number, or why it does not answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from billing.adapters.sandbox.chance import Chance
from billing.edi.eligibility_270.inquiry import AskedDependent, Inquiry
from billing.edi.eligibility_271.answer import (
    Benefit,
    DatedPeriod,
    Delivery,
    EligibilityAnswer,
    Identity,
    Member,
    Reference,
    Rejection,
    Trace,
    Where,
)
from billing.edi.parties import Organisation, Relationship

ACUPUNCTURE, OFFICE_VISIT, WHOLE_PLAN = "64", "98", "30"
CALENDAR_YEAR, LEFT, A_VISIT = "23", "29", "27"
_PLANS = ("PPO GOLD", "PPO SILVER", "CHOICE PLUS", "HMO BASIC", "OPEN ACCESS")
_RELATIONS = {Relationship.SPOUSE: "01", Relationship.CHILD: "19"}
_LONGEST_NAME = 50


def answer_to(inquiry: Inquiry, chance: Chance, produced_on: date) -> EligibilityAnswer:
    """The payer's answer to one question; the same member number always has the same plan."""
    luck = chance.of(inquiry.payer.identifier, inquiry.subscriber.member_id)
    story = _story(luck)
    rejection = _REJECTIONS.get(story)
    return EligibilityAnswer(
        reference=inquiry.trace[:_LONGEST_NAME],
        produced_on=produced_on,
        payer=Identity("PR", Organisation(inquiry.payer.name), "PI", inquiry.payer.identifier),
        receiver=Identity("1P", inquiry.provider.name, "XX", inquiry.provider.npi),
        subscriber=_subscriber(inquiry, luck),
        dependent=_dependent(inquiry.dependent, inquiry, luck) if inquiry.dependent else None,
        traces=(
            Trace("2", inquiry.trace, inquiry.originator),
            Trace("1", luck.of(inquiry.trace).digits("reference", 9), "9SANDBOX00"),
        ),
        rejections=_where(rejection, inquiry) if rejection else (),
        benefits=() if rejection else tuple(_rows(story, inquiry, luck)),
    )


_STORIES = (
    ("covered", 62),
    ("authorisation", 7),
    ("silent about acupuncture", 7),
    ("limit in words", 6),
    ("shared limit", 4),
    ("odd percentage", 3),
    ("contradicting", 3),
    ("not covered", 3),
    ("inactive", 2),
    ("not found", 2),
    ("busy", 1),
)
"""What may be heard, and how often of a hundred."""
_REJECTIONS = {
    "not found": Rejection(Where.SUBSCRIBER, "75", "C", True),
    "busy": Rejection(Where.PAYER, "42", "R", True),
}


def _story(luck: Chance) -> str:
    drawn = luck.between("story", 0, sum(share for _, share in _STORIES) - 1)
    for story, share in _STORIES:
        if drawn < share:
            return story
        drawn -= share
    raise AssertionError("a draw lies within the whole")


def _where(rejection: Rejection, inquiry: Inquiry) -> tuple[Rejection, ...]:
    is_personal = rejection.where is Where.SUBSCRIBER and inquiry.dependent is not None
    return (replace(rejection, where=Where.DEPENDENT) if is_personal else rejection,)


def _subscriber(inquiry: Inquiry, luck: Chance) -> Member:
    who = inquiry.subscriber
    is_patient = inquiry.dependent is None
    return Member(
        identity=Identity("IL", who.name, "MI", who.member_id),
        birth_date=who.birth_date,
        sex=who.sex if who.birth_date else None,
        relationship="18" if is_patient else "",
        references=(Reference("6P", luck.digits("group", 5)),) if is_patient else (),
        dates=_plan_dates(inquiry) if is_patient else (),
    )


def _dependent(who: AskedDependent, inquiry: Inquiry, luck: Chance) -> Member:
    return Member(
        identity=Identity("03", who.name),
        birth_date=who.birth_date,
        sex=who.sex if who.birth_date else None,
        relationship=_RELATIONS.get(who.relationship, "G8"),
        references=(Reference("6P", luck.digits("group", 5)),),
        dates=_plan_dates(inquiry),
    )


def _plan_dates(inquiry: Inquiry) -> tuple[DatedPeriod, ...]:
    begins = inquiry.asked_on.replace(month=1, day=1)
    return (DatedPeriod("346", begins, begins),)


def _rows(story: str, inquiry: Inquiry, luck: Chance) -> list[Benefit]:
    plan = luck.pick("plan", _PLANS)
    if story == "inactive":
        return [Benefit("6", "", (WHOLE_PLAN,), plan=plan)]
    if _is_public(inquiry.payer.name):
        return [Benefit("1", "", (WHOLE_PLAN,)), Benefit("1", "", (ACUPUNCTURE,))]
    rows = [Benefit("1", "", (WHOLE_PLAN,), insurance_type="PR", plan=plan), *_money(luck)]
    if OFFICE_VISIT in inquiry.service_types:
        rows.append(_copay(OFFICE_VISIT, luck.pick("office", (2000, 3000, 4000)), "Y"))
    if ACUPUNCTURE in inquiry.service_types:
        rows += _ACUPUNCTURE.get(story, _covered)(luck)
    return rows


def _is_public(payer: str) -> bool:
    """Medicare and the VA have no plans: how often they pay stands in their rules, not in an answer."""
    return payer.upper().startswith(("MEDICARE", "VA "))


def _money(luck: Chance) -> list[Benefit]:
    """Deductible and out-of-pocket maximum of the plan, and what is left of them."""
    deductible = luck.pick("deductible", (0, 50000, 100000, 150000))
    most = deductible + luck.pick("most", (200000, 300000, 500000))
    left = deductible * luck.between("left", 0, 4) // 4
    rest = left + (most - deductible) * luck.between("rest", 1, 4) // 4
    amounts = (("C", CALENDAR_YEAR, deductible), ("C", LEFT, left), ("G", CALENDAR_YEAR, most), ("G", LEFT, rest))
    return [
        Benefit(kind, "IND", (WHOLE_PLAN,), period=period, cents=cents, in_network="Y")
        for kind, period, cents in amounts
    ]


def _copay(service: str, cents: int, network: str) -> Benefit:
    return Benefit("B", "", (service,), period=A_VISIT, cents=cents, in_network=network)


def _is_active(luck: Chance, authorisation: str = "N") -> Benefit:
    return Benefit("1", "", (ACUPUNCTURE,), plan=luck.pick("plan", _PLANS), authorisation=authorisation)


def _shares(luck: Chance) -> list[Benefit]:
    if luck.happens("coinsurance", 0.3):
        share = luck.pick("share", (Decimal("0.1"), Decimal("0.2"), Decimal("0.3")))
        return [Benefit("A", "", (ACUPUNCTURE,), share=share, in_network="Y")]
    own = luck.pick("copay", (1500, 2000, 2500, 3500))
    return [_copay(ACUPUNCTURE, own, "Y"), _copay(ACUPUNCTURE, own * 2, "N")]


def _limit(luck: Chance, *services: str) -> list[Benefit]:
    allowed = luck.pick("visits", (12, 20, 24, 30))
    left = allowed - luck.between("used", 0, 5)
    counted = Benefit("F", "", (ACUPUNCTURE, *services), quantity_qualifier="VS")
    return [
        replace(counted, period=CALENDAR_YEAR, quantity=Decimal(allowed)),
        replace(counted, period=LEFT, quantity=Decimal(left)),
    ]


def _covered(luck: Chance) -> list[Benefit]:
    return [_is_active(luck), *_shares(luck), *_limit(luck)]


def _with_authorisation(luck: Chance) -> list[Benefit]:
    return [_is_active(luck, "Y"), *_shares(luck), *_limit(luck)]


def _limit_in_words(luck: Chance) -> list[Benefit]:
    words = ("ACUPUNCTURE LIMITED TO 20 VISITS PER CALENDAR YEAR", "FOR CHRONIC PAIN ONLY")
    return [_is_active(luck), *_shares(luck), Benefit("F", "", (ACUPUNCTURE,), messages=words)]


def _limit_shared(luck: Chance) -> list[Benefit]:
    return [_is_active(luck), *_shares(luck), *_limit(luck, "33")]


def _odd_percentage(luck: Chance) -> list[Benefit]:
    pattern = Delivery("VS", Decimal(luck.pick("visits", (12, 20))), period=CALENDAR_YEAR, periods="1")
    return [
        _is_active(luck),
        Benefit("A", "", (ACUPUNCTURE,), share=Decimal(luck.pick("odd", (20, 80))), in_network="Y"),
        Benefit("F", "", (ACUPUNCTURE,), deliveries=(pattern,)),
    ]


def _contradicting(luck: Chance) -> list[Benefit]:
    return [_is_active(luck), *_limit(luck), _copay(ACUPUNCTURE, 2000, "Y"), _copay(ACUPUNCTURE, 4000, "Y")]


def _not_covered(luck: Chance) -> list[Benefit]:
    return [Benefit("I", "", (ACUPUNCTURE,))]


def _nothing(luck: Chance) -> Sequence[Benefit]:
    return []


_ACUPUNCTURE: dict[str, Callable[[Chance], Sequence[Benefit]]] = {
    "authorisation": _with_authorisation,
    "silent about acupuncture": _nothing,
    "limit in words": _limit_in_words,
    "shared limit": _limit_shared,
    "odd percentage": _odd_percentage,
    "contradicting": _contradicting,
    "not covered": _not_covered,
}
