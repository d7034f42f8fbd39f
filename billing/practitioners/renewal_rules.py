"""How long licences and certificates last: rules as dated data with their sources, and the days they give. Pure."""

from __future__ import annotations

import calendar
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from billing.practitioners.lapsing import NEVER, same_words

_MONTHS_OF_A_YEAR = 12
_EVERY_OTHER = 2
_BRITAIN = "GB"
DOES_NOT_LAPSE = NEVER.replace(month=12, day=31)
"""The last day of what does not lapse."""


class Ends(StrEnum):
    """What decides the last day."""

    FIXED_DATE = "fixed_date"
    BIRTH_MONTH_END = "birth_month_end"
    BIRTHDAY = "birthday"
    ANNIVERSARY = "anniversary"
    """So many months after the last time."""
    DAYS = "days"
    """So many days after the last time."""
    NEVER = "never"


class Parity(StrEnum):
    """Of which years a fixed date is."""

    ANY = "any"
    ODD = "odd"
    EVEN = "even"
    NUMBER = "number"
    """Of even years for an even licence number, of odd years for an odd one."""


@dataclass(frozen=True, slots=True)
class CategoryRule:
    """What is asked of one kind of course, in minutes."""

    name: str
    least: int = 0
    most: int | None = None
    counts_as: int | None = None
    """What one course counts, however long it took."""


@dataclass(frozen=True, slots=True)
class FirstTerm:
    """What a first term of so many months asks for, in minutes."""

    shortest: int
    longest: int
    minutes: int


@dataclass(frozen=True, slots=True)
class EducationRule:
    """What has to be learned in a term, in minutes; of points, an hour each."""

    minutes: int
    unit: str = "hours"
    most_distance: int | None = None
    first_terms: tuple[FirstTerm, ...] = ()
    categories: tuple[CategoryRule, ...] = ()
    courses: tuple[str, ...] = ()
    """Of these categories one course at least, whatever its length."""


@dataclass(frozen=True, slots=True)
class Needed:
    """Another credential that has to be in force at the renewal."""

    kind: str
    what: str
    """In the words of who asks for it."""


@dataclass(frozen=True, slots=True)
class RenewalRule:
    """How long one kind of credential lasts."""

    id: str
    name: str
    kinds: tuple[str, ...]
    ends: Ends
    source: str
    checked_on: date
    is_verified: bool
    """Whether it was read at the authority itself; what was not is to be checked."""
    country: str = ""
    """Two letters; empty for anywhere."""
    region: str = ""
    """A state's two letters, or a nation or city; empty for the whole country."""
    issuers: tuple[str, ...] = ()
    """Whose it is; empty for anybody's."""
    month: int = 0
    day: int = 0
    parity: Parity = Parity.ANY
    period_months: int = 0
    period_days: int = 0
    first_months: tuple[int, int] | None = None
    """Of how many months a first term is, at least and at most."""
    opens_days: int | None = None
    """So many days before the last day it can be renewed; unknown when empty."""
    note: str = ""
    education: EducationRule | None = None
    needs: tuple[Needed, ...] = ()

    @property
    def lasts(self) -> str:
        """How long it lasts, in words."""
        if self.ends is Ends.NEVER:
            return "does not lapse"
        if self.period_days:
            return f"{self.period_days} days"
        years, months = divmod(self.period_months, _MONTHS_OF_A_YEAR)
        length = f"{self.period_months} months" if months or not years else f"{years} years"
        length = {"1 years": "1 year", "1 months": "1 month"}.get(length, length)
        return f"{length}, {_UNTIL[self.ends](self)}" if self.ends in _UNTIL else length


_YEARS = {
    Parity.ANY: "", Parity.ODD: " of odd years", Parity.EVEN: " of even years",
    Parity.NUMBER: " of odd years for an odd number, of even years for an even one",
}  # fmt: skip
_UNTIL: dict[Ends, Callable[[RenewalRule], str]] = {
    Ends.FIXED_DATE: lambda rule: f"to {rule.day} {calendar.month_name[rule.month]}{_YEARS[rule.parity]}",
    Ends.BIRTH_MONTH_END: lambda _: "to the last day of the month of birth",
    Ends.BIRTHDAY: lambda _: "to the birthday",
}


@dataclass(frozen=True, slots=True)
class Renewals:
    """All rules, and the words for kinds of courses."""

    rules: tuple[RenewalRule, ...]
    categories: dict[str, str] = field(default_factory=dict)
    """What each category of courses is called."""

    def for_credential(self, kind: str, issuer: str, country: str, region: str = "") -> list[RenewalRule]:
        """The rules that may be meant, the most fitting first.

        ``region`` is the state or nation of the place of work; a licence is its issuer's whatever the place.
        """
        where = issuer if kind == "licence" and country != _BRITAIN else region
        fitting = [one for one in self.rules if kind in one.kinds and one.country in ("", country)]
        fitting = [one for one in fitting if _is_issued(one, issuer) and _is_there(one, where, issuer)]
        sure = [one for one in fitting if one.region and (one.country != _BRITAIN or _names(one, where, issuer))]
        return sure or fitting


def _is_issued(rule: RenewalRule, issuer: str) -> bool:
    return not rule.issuers or any(same_words(one) in same_words(issuer) for one in rule.issuers)


def _is_there(rule: RenewalRule, where: str, issuer: str) -> bool:
    """Whether it can be the rule there: in the United States only that state's, in Britain any until one is named."""
    return not rule.region or rule.country == _BRITAIN or same_words(rule.region) in map(same_words, (where, issuer))


def _names(rule: RenewalRule, where: str, issuer: str) -> bool:
    """Whether the place or the issuer says that it is there, as ``Cardiff, Wales`` does."""
    return same_words(rule.region) in same_words(f"{where} {issuer}")


@dataclass(frozen=True, slots=True)
class Expiry:
    """The last day by a rule, or what has to be known for it."""

    on: date | None
    lacking: str = ""


def next_expiry(
    rule: RenewalRule, *, ended: date | None, begins: date, birth_date: date | None = None, number: str = ""
) -> Expiry:
    """The last day of the term that begins after ``ended``, the last day of the term before.

    Of a first term ``ended`` is empty, and it is reckoned from the day on which it ``begins``. A rule by birth or by
    number says what it lacks.
    """
    if rule.ends is Ends.NEVER:
        return Expiry(DOES_NOT_LAPSE)
    if rule.ends is Ends.DAYS:
        return Expiry((ended or begins) + timedelta(days=rule.period_days))
    if rule.ends is Ends.ANNIVERSARY:
        if ended is None:
            return Expiry(months_after(begins, rule.period_months) - timedelta(days=1))
        return Expiry(same_end_after(ended, rule.period_months))
    if rule.ends is Ends.FIXED_DATE:
        return _fixed(rule, ended or begins, number)
    if birth_date is None:
        return Expiry(None, "the date of birth of who holds it")
    return Expiry(_by_birth(rule, ended, begins, birth_date))


def renewal_opens(rule: RenewalRule, expires_on: date) -> date | None:
    """From which day on it can be renewed; nothing when the rule does not say."""
    return expires_on - timedelta(days=rule.opens_days) if rule.opens_days is not None else None


def months_after(on: date, months: int) -> date:
    """The same day of the month so many months later, or the last of that month."""
    years, month = divmod(on.month - 1 + months, _MONTHS_OF_A_YEAR)
    return date(on.year + years, month + 1, min(on.day, _days(on.year + years, month + 1)))


def months_between(first: date, last: date) -> int:
    """The full months of a term from its first to its last day inclusive."""
    after = last + timedelta(days=1)
    months = (after.year - first.year) * _MONTHS_OF_A_YEAR + after.month - first.month
    return months - (after.day < first.day and after.day < _days(after.year, after.month))


def _days(year: int, month: int) -> int:
    return calendar.monthrange(year, month)[1]


def same_end_after(ended: date, months: int) -> date:
    """The last day of a term so many months later; the last day of a month stays the last one."""
    later = months_after(ended, months)
    is_last = ended.day == _days(ended.year, ended.month)
    return later.replace(day=_days(later.year, later.month)) if is_last else later


def _fixed(rule: RenewalRule, after: date, number: str) -> Expiry:
    digits = "".join(character for character in number if character.isdecimal())
    if rule.parity is Parity.NUMBER and not digits:
        return Expiry(None, "a licence number with a digit, odd or even")
    wanted = {Parity.ODD: 1, Parity.EVEN: 0, Parity.ANY: None}.get(rule.parity)
    if rule.parity is Parity.NUMBER:
        wanted = int(digits[-1]) % _EVERY_OTHER
    for year in _years_from(after.year):
        on = date(year, rule.month, min(rule.day, _days(year, rule.month)))
        if on > after and (wanted is None or year % _EVERY_OTHER == wanted):
            return Expiry(on)
    raise AssertionError("one of four years has the parity and is later")


def _years_from(first: int) -> Iterable[int]:
    return range(first, first + 4)


def _by_birth(rule: RenewalRule, ended: date | None, begins: date, birth_date: date) -> date:
    """The last day of that kind that makes a term of no more months than it may have."""
    if ended is None and rule.first_months:
        latest = _index(begins) + rule.first_months[1]
    else:
        latest = _index(ended or begins) + rule.period_months
    years, month = divmod(latest - (latest - (birth_date.month - 1)) % _MONTHS_OF_A_YEAR, _MONTHS_OF_A_YEAR)
    last = _days(years, month + 1)
    return date(years, month + 1, last if rule.ends is Ends.BIRTH_MONTH_END else min(birth_date.day, last))


def _index(on: date) -> int:
    return on.year * _MONTHS_OF_A_YEAR + on.month - 1
