"""Entering insurers and changing what is on file of them. None is deleted: what was filed with it stays told."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from billing.clinic.addresses import Place, place_problems
from billing.clinic.country import is_american
from billing.clinic.queries import the_clinic
from billing.database import Db, hold_lock
from billing.errors import Problem, Refused, block
from billing.payers.models import Payer, PayerKind
from billing.payers.queries import all_payers, payer_with_id

LONGEST_TEXT = 200
LONGEST_FILING_LIMIT_DAYS = 3650
_NUMBER = re.compile(r"[A-Z0-9-]{2,80}")
"""X12 005010X222A1, NM109 of loop 2010BB: an identifier of 2 to 80 characters."""
_TEXTS = ("name", "payer_number", "address1", "city", "state", "zip")


@dataclass(frozen=True, slots=True)
class PayerDetails:
    """What is typed about an insurer; an empty text is not known."""

    name: str
    kind: PayerKind
    payer_number: str = ""
    """By which the clearinghouse knows it."""
    address1: str = ""
    city: str = ""
    state: str = ""
    zip: str = ""
    filing_limit_days: int | None = None
    takes_one_service_type: bool = False
    """Whether an eligibility question may ask it about one kind of service only."""

    @property
    def place(self) -> Place:
        """Where claims on paper go."""
        return Place(self.address1, "", self.city, self.state, self.zip)


def payer_details_of(payer: Payer) -> PayerDetails:
    """What is on file of an insurer."""
    texts: dict[str, Any] = {name: getattr(payer, name) or "" for name in _TEXTS}
    return PayerDetails(
        kind=payer.kind,
        filing_limit_days=payer.filing_limit_days,
        takes_one_service_type=bool(payer.takes_one_service_type),
        **texts,
    )


def add_payer(db: Db, details: PayerDetails) -> Payer:
    """Put an insurer on file. Raises :class:`Refused` with every reason."""
    tidied = _tidied(details)
    _refuse_any([*_problems(db, tidied, None)])
    made = Payer()
    _write(made, tidied)
    db.add(made)
    db.flush()
    return made


def edit_payer(db: Db, payer_id: int, details: PayerDetails, *, uses: int, kind_is_meant: bool) -> Payer:
    """Put other details of an insurer on file.

    Its kind decides which rules its claims are judged by; with ``uses``, the number of its claims and policies,
    it changes only when ``kind_is_meant``. What does not change is not judged. Raises :class:`NotFound` for an
    unknown insurer, :class:`Refused` with every reason.
    """
    payer = payer_with_id(db, payer_id)
    tidied = _tidied(details)
    problems = [*_problems(db, tidied, payer)]
    if tidied.kind is not payer.kind and uses and not kind_is_meant:
        why = f"{payer.name} is in use, and its kind decides by which rules its claims are judged."
        fix = "Tick the box as well if the kind is to change: claims not sent yet are then judged anew."
        problems.append(block("payer.kind", why, fix, "field:kind_is_meant"))
    _refuse_any(problems)
    _write(payer, tidied)
    db.flush()
    return payer


def _write(payer: Payer, details: PayerDetails) -> None:
    payer.name, payer.kind, payer.filing_limit_days = details.name, details.kind, details.filing_limit_days
    payer.takes_one_service_type = details.takes_one_service_type
    for name in _TEXTS[1:]:
        setattr(payer, name, getattr(details, name) or None)


def _tidied(details: PayerDetails) -> PayerDetails:
    texts: dict[str, Any] = {name: " ".join(getattr(details, name).split()) for name in _TEXTS}
    place = replace(details, **texts).place.tidied()
    return replace(
        details, **{**texts, "payer_number": texts["payer_number"].upper(), "state": place.state, "zip": place.zip}
    )


def _problems(db: Db, details: PayerDetails, payer: Payer | None) -> Iterator[Problem]:
    before = _tidied(payer_details_of(payer)) if payer else None
    yield from payer_detail_problems(details, before, american=is_american(the_clinic(db)))
    if before is not None and before.name == details.name:
        return
    hold_lock(db, "payers")
    for other in all_payers(db):
        is_other = payer is None or other.id != payer.id
        if is_other and other.name.casefold() == details.name.casefold():
            fix = "Use that one, or write what tells the two apart, such as the state or the plan."
            yield block("payer.name", f"{other.name} is on file already.", fix, "field:name")


def payer_detail_problems(details: PayerDetails, before: PayerDetails | None, *, american: bool) -> Iterator[Problem]:
    """What is wrong with what changes; ``american`` wants states and ZIP codes as the United States have them."""
    if not any(character.isalnum() for character in details.name):
        fix = "Write it as on the insurance card."
        yield block("payer.name", "The name of the insurer is missing.", fix, "field:name")
    kept = before or PayerDetails("", details.kind)
    number = details.payer_number
    if number and number != kept.payer_number and not _NUMBER.fullmatch(number):
        fix = "Write 2 to 80 letters and digits, as in the clearinghouse's list of payers."
        yield block("payer.number", "This is not a payer number.", fix, "field:payer_number")
    if american and details.place != kept.place:
        yield from place_problems(details.place)
    days = details.filing_limit_days
    if days is not None and not 1 <= days <= LONGEST_FILING_LIMIT_DAYS:
        fix = "Copy it from the contract, or leave it empty."
        why = f"A filing limit is from 1 to {LONGEST_FILING_LIMIT_DAYS} days."
        yield block("payer.filing_limit", why, fix, "field:filing_limit_days")
    for name in _TEXTS:
        if len(getattr(details, name)) > LONGEST_TEXT:
            why = f"This is longer than {LONGEST_TEXT} characters."
            yield block("payer.length", why, "Shorten it.", f"field:{name}")


def _refuse_any(problems: list[Problem]) -> None:
    if problems:
        raise Refused(" ".join(problem.why for problem in problems), problems)
