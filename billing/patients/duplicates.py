"""Who on file may be the same person as somebody who is being registered, and what speaks for it.

Law: it is only ever pointed out. Two people may share a name, a telephone or a birthday, and a person decides.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from rapidfuzz import fuzz
from sqlalchemy import select

from billing.database import Db
from billing.patients.details import PatientDetails
from billing.patients.models import Patient
from billing.patients.names import folded, sound

LOOKS_ALIKE = 85
"""Percent of letters that two names share from which on one may be the other mistyped."""
FEWEST_LETTERS = 3
"""Shorter names are alike by chance."""
MAY_SOUND_ALIKE = 50
"""Below this two names are too different to be asked how they sound."""
MOST_MATCHES = 12
_PHONE_DIGITS = 7
"""Fewer digits are no whole number, and tell nobody apart."""


@dataclass(frozen=True, slots=True)
class Person:
    """What of a person is compared."""

    first: str
    """Folded, like ``last``."""
    last: str
    birth_date: date
    phone: str
    """Its digits, without zeros before them."""
    email: str

    @property
    def whole(self) -> str:
        """Both names."""
        return f"{self.first} {self.last}"


@dataclass(frozen=True, slots=True)
class Match:
    """A patient on file who may be the same person."""

    patient: Patient
    reasons: tuple[str, ...]
    """What speaks for it, in words, the strongest first."""


def possible_duplicates(
    db: Db,
    details: PatientDetails,
    *,
    but: int | None = None,
    with_member_number: Collection[int] = (),
) -> list[Match]:
    """The patients on file who may be that person, the likeliest first; two queries, however many there are.

    ``but`` is left out: the patient who is being edited. ``with_member_number`` are patients who hold a policy
    under the number on this person's card, which only the room of policies knows.
    """
    wanted = person_of(details.first_name, details.last_name, details.birth_date, details.phone, details.email)
    columns = (Patient.id, Patient.first_name, Patient.last_name, Patient.birth_date, Patient.phone, Patient.email)
    found: list[tuple[int, int, tuple[str, ...]]] = []
    for number, first, last, born, phone, email in db.execute(select(*columns)):
        if number == but:
            continue
        reasons = list(_reasons(wanted, person_of(first, last, born, phone or "", email or "")))
        if number in with_member_number:
            reasons.append((40, "Same member number on the insurance card."))
        if reasons:
            reasons.sort(reverse=True)
            found.append((sum(weight for weight, _ in reasons), number, tuple(words for _, words in reasons)))
    likeliest = sorted(found, key=lambda one: (-one[0], one[1]))[:MOST_MATCHES]
    patients = {
        one.id: one for one in db.scalars(select(Patient).where(Patient.id.in_([number for _, number, _ in likeliest])))
    }
    return [Match(patients[number], reasons) for _, number, reasons in likeliest]


def person_of(first: str, last: str, birth_date: date, phone: str, email: str) -> Person:
    """A person as one is compared."""
    digits = "".join(character for character in phone if character.isdigit())
    return Person(folded(first), folded(last), birth_date, digits.lstrip("0"), email.strip().casefold())


def _same_number(one: str, other: str) -> bool:
    """Whether these are one telephone's digits, with or without the country's."""
    shorter, longer = sorted((one, other), key=len)
    return len(shorter) >= _PHONE_DIGITS and longer.endswith(shorter)


def _reasons(wanted: Person, other: Person) -> Iterator[tuple[int, str]]:
    """What speaks for it that these two are one person, each with its weight."""
    yield from _name_reasons(wanted, other)
    if _same_number(wanted.phone, other.phone):
        yield 20, "Same telephone."
    if wanted.email and wanted.email == other.email:
        yield 20, "Same e-mail."


def _name_reasons(wanted: Person, other: Person) -> Iterator[tuple[int, str]]:
    same_day = wanted.birth_date == other.birth_date
    same_name = (wanted.first, wanted.last) == (other.first, other.last)
    swapped = (wanted.first, wanted.last) == (other.last, other.first) and not same_name
    alike = same_name or swapped or _are_alike(wanted.whole, other.whole)
    if same_name:
        yield 50, "Same name."
    elif swapped:
        yield 50, "Same name with first and last name swapped."
    elif _sounds_alike(wanted, other):
        yield 35, "The name sounds the same."
    elif alike and same_day:
        yield 35, "The name is spelled nearly so."
    if same_day and (alike or _shares_a_name(wanted, other) or _sounds_alike(wanted, other)):
        yield 45, "Same birth date." if alike else "Same birth date, and one name the same."
    elif alike and is_nearly(wanted.birth_date, other.birth_date):
        yield 30, "The birth date differs in one place only."


def _are_alike(one: str, other: str) -> bool:
    return fuzz.ratio(one, other, score_cutoff=LOOKS_ALIKE) > 0


def _sounds_alike(wanted: Person, other: Person) -> bool:
    if fuzz.ratio(wanted.whole, other.whole, score_cutoff=MAY_SOUND_ALIKE) == 0:
        return False
    return sound(wanted.last) == sound(other.last) and sound(wanted.first) == sound(other.first)


def _shares_a_name(wanted: Person, other: Person) -> bool:
    """A first or a last name, or one of a double name, is nearly the same: the rest was married or shortened."""
    return any(
        len(one) >= FEWEST_LETTERS and _are_alike(one, another)
        for names, others in ((wanted.first, other.first), (wanted.last, other.last))
        for one in {names, *names.split()}
        for another in {others, *others.split()}
    )


def is_nearly(one: date, other: date) -> bool:
    """Whether two dates differ by one digit, by two neighbours that changed places, or by month and day swapped."""
    if (one.year, one.month, one.day) == (other.year, other.day, other.month):
        return True
    pairs = list(zip(f"{one:%Y%m%d}", f"{other:%Y%m%d}", strict=True))
    differing = [place for place, (left, right) in enumerate(pairs) if left != right]
    if len(differing) == 2 and differing[1] == differing[0] + 1:
        (first, second), (third, fourth) = pairs[differing[0]], pairs[differing[1]]
        return (first, third) == (fourth, second)
    return len(differing) == 1


def numbers_of(matches: Iterable[Match]) -> set[int]:
    """The matched patients' own numbers."""
    return {match.patient.id for match in matches}
