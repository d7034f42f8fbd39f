"""Finding patients by what somebody remembers of them: part of a name, a birth date, a telephone, an e-mail.

Names are scored in memory, so that accents, order and typing mistakes do not matter; only their columns are read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from rapidfuzz import fuzz, process
from sqlalchemy import func, select

from billing.database import Db
from billing.patients.models import Patient
from billing.patients.names import sound, words_of

EXACT, BEGINNING, PART = 100, 90, 72
"""How well a word that was typed fits a word of a name."""
FEWEST_LETTERS_TO_MISTYPE = 4
LEAST_ALIKE = 75
"""Percent of letters in common from which on one word may be the other mistyped."""
FEWEST_PHONE_DIGITS = 4
_LAST_DIGITS = 6
"""More digits than these are a whole number, with or without the country's."""
_PHONE_SIGNS = frozenset("0123456789 ()+-./")


@dataclass(frozen=True, slots=True)
class Found:
    """A patient who fits, how well (up to 100), and what fits."""

    patient_id: int
    score: int
    why: str


def by_name(db: Db, typed: str) -> list[Found]:
    """Patients in whose name every typed word is found, in any order; the best first. One query.

    A word may be part of a name or mistyped; when nothing is spelled so, what sounds so is found. What has a digit
    or an ``@`` in it is no name.
    """
    wanted = words_of(typed)
    if not wanted or "@" in typed or any(character.isdigit() for character in typed):
        return []
    holders = _holders_of_words(db)
    return _holding_all(wanted, holders, _spelled) or _holding_all(wanted, holders, _sounding)


def _holders_of_words(db: Db) -> dict[str, set[int]]:
    """The patients in whose names each word stands; of a name of several words also the whole, joined."""
    holders: dict[str, set[int]] = defaultdict(set)
    for number, *names in db.execute(select(Patient.id, Patient.first_name, Patient.middle_name, Patient.last_name)):
        for name in names:
            words = words_of(name) if name else ()
            for word in words:
                holders[word].add(number)
            if len(words) > 1:
                holders["".join(words)].add(number)
    return holders


_Fit = Callable[[str, Collection[str]], Mapping[str, int]]
"""Which of the words fit one that was typed, and how well."""


def _holding_all(wanted: Iterable[str], holders: Mapping[str, set[int]], fit: _Fit) -> list[Found]:
    total: dict[int, list[int]] | None = None
    for word in dict.fromkeys(wanted):
        best: dict[int, int] = {}
        for known, score in fit(word, holders.keys()).items():
            for number in holders[known]:
                best[number] = max(score, best.get(number, 0))
        total = {
            number: [*(total[number] if total else ()), score]
            for number, score in best.items()
            if total is None or number in total
        }
    scored = [(sum(scores) // len(scores), min(scores), number) for number, scores in (total or {}).items()]
    scored.sort(key=lambda one: (-one[0], one[2]))
    return [Found(number, score, _why(worst, fit)) for score, worst, number in scored]


def _why(worst: int, fit: _Fit) -> str:
    if fit is _sounding:
        return "Name sounds like it"
    return "Name" if worst >= BEGINNING else "Part of the name" if worst >= PART else "Name spelled nearly so"


def _spelled(typed: str, words: Collection[str]) -> dict[str, int]:
    if len(typed) == 1:
        return {word: _fit(typed, word) for word in words if word.startswith(typed)}
    fitting = {word: _fit(typed, word) for word in words if typed in word}
    if len(typed) >= FEWEST_LETTERS_TO_MISTYPE:
        for beginning in ({word: word for word in words}, {word: word[: len(typed)] for word in words}):
            alike = process.extract(
                typed, beginning, scorer=fuzz.ratio, processor=None, limit=None, score_cutoff=LEAST_ALIKE
            )
            for _, score, word in alike:
                # However alike, a word with a mistake fits less well than one without.
                fitting.setdefault(word, int(score) * (PART - 1) // 100)
    return fitting


def _fit(typed: str, word: str) -> int:
    return EXACT if typed == word else BEGINNING if word.startswith(typed) else PART


def _sounding(typed: str, words: Collection[str]) -> dict[str, int]:
    if len(typed) < FEWEST_LETTERS_TO_MISTYPE:
        return {word: _fit(typed, word) for word in words if typed in word}
    wanted = sound(typed)
    return {word: PART // 2 for word in words if sound(word) == wanted} if len(wanted) > 1 else {}


def by_birth_date(db: Db, dates: Collection[date]) -> list[Found]:
    """Patients born on one of the days, those of the first day first. One query."""
    order = {on: place for place, on in enumerate(dates)}
    rows = db.execute(select(Patient.id, Patient.birth_date).where(Patient.birth_date.in_(order)))
    in_order = sorted(rows, key=lambda row: (order[row[1]], row[0]))
    return [Found(number, EXACT - order[born], "Birth date") for number, born in in_order]


def by_phone(db: Db, typed: str) -> list[Found]:
    """Patients whose telephone ends in the typed digits, however both are punctuated. One query.

    Fewer than four digits find nobody.
    """
    text = typed.strip()
    digits = "".join(character for character in text if character.isdigit())
    if len(digits) < FEWEST_PHONE_DIGITS or not set(text) <= _PHONE_SIGNS:
        return []
    # Dialled from abroad, a number has no zero before it; the last digits of one may well begin with a zero.
    endings = {digits, digits.lstrip("0")} if len(digits) > _LAST_DIGITS else {digits}
    found = []
    for number, phone in db.execute(select(Patient.id, Patient.phone).where(Patient.phone.is_not(None))):
        known = "".join(character for character in phone or "" if character.isdigit()).lstrip("0")
        whole = len(known) > _LAST_DIGITS and digits.endswith(known)
        if whole or known.endswith(tuple(endings)):
            found.append(Found(number, EXACT if whole else BEGINNING, "Telephone"))
    return sorted(found, key=lambda one: (-one.score, one.patient_id))


def by_email(db: Db, typed: str, limit: int) -> list[Found]:
    """Patients in whose e-mail address the text stands; one without an ``@`` finds nobody. One query."""
    text = typed.strip().lower()
    if "@" not in text or len(text) < 3:
        return []
    address = func.lower(Patient.email)
    rows = db.execute(
        select(Patient.id, address).where(address.contains(text, autoescape=True)).order_by(Patient.id).limit(limit)
    )
    return [Found(number, EXACT if email == text else BEGINNING, "E-mail") for number, email in rows]


def by_old_number(db: Db, typed: str) -> list[Found]:
    """The patient known under that number in the old system, in capitals or not. One query."""
    spellings = {typed.strip(), typed.strip().upper(), typed.strip().lower()}
    numbers = db.scalars(select(Patient.id).where(Patient.external_id.in_(spellings)))
    return [Found(number, EXACT, "Number in the old system") for number in numbers]


def in_all(*searches: Iterable[Found]) -> list[Found]:
    """The patients whom every one of the searches found, with all that fits."""
    first, *others = [{one.patient_id: one for one in found} for found in searches]
    return [
        Found(number, one.score, ", ".join((one.why, *(other[number].why.lower() for other in others))))
        for number, one in first.items()
        if all(number in other for other in others)
    ]
