"""Where people are treated: the clinic's own address, and the places of work besides it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import func, select

from billing.clinic.addresses import Place, place_problems
from billing.clinic.country import ADDRESSED_LIKE_THE_STATES, country_of
from billing.clinic.models import Clinic, PlaceOfWork
from billing.clinic.queries import the_clinic
from billing.clinic.rooms import room_of
from billing.database import Db, hold_lock
from billing.errors import NotFound, Problem, Refused, block
from billing.identifiers import is_npi, zip_digits

LONGEST_NAME = 60
_LONGEST_LINE = 100
_ZIP_OF_A_CLAIM = 9


@dataclass(frozen=True, slots=True)
class Workplace:
    """Where somebody treats, as far as licences, enrolments and claims go by it."""

    state: str
    country: str
    """Two letters; empty when nothing tells."""
    place_id: int | None = None
    """Empty at the clinic's own address."""
    name: str = ""

    @property
    def licenses_acupuncturists(self) -> bool:
        """Whether a state licenses acupuncturists there, as in the United States."""
        return bool(self.state) and self.country in ADDRESSED_LIKE_THE_STATES

    @property
    def words(self) -> str:
        """The place in a sentence."""
        return self.name or "the clinic's own address"


def workplace(clinic: Clinic, place: PlaceOfWork | None = None) -> Workplace:
    """The clinic's own address as a place of work, or another."""
    if place is None:
        return Workplace(clinic.state, country_of(clinic))
    return Workplace(place.state, place.country, place.id, place.name)


@dataclass(frozen=True, slots=True)
class PlaceDetails:
    """What is typed about a place of work; an empty text is not known."""

    name: str
    address1: str
    address2: str
    city: str
    state: str
    zip: str
    country: str
    npi: str = ""


def place_details_of(place: PlaceOfWork) -> PlaceDetails:
    """What is on file of a place."""
    texts: dict[str, Any] = {name: getattr(place, name) or "" for name in PlaceDetails.__dataclass_fields__}
    return PlaceDetails(**texts)


def places(db: Db) -> list[PlaceOfWork]:
    """All places of work besides the clinic's own address, by name."""
    return list(db.scalars(select(PlaceOfWork).order_by(PlaceOfWork.name)))


def place_with_id(db: Db, place_id: int) -> PlaceOfWork:
    """The place of that number. Raises :class:`NotFound`."""
    place = db.get(PlaceOfWork, place_id)
    if place is None:
        raise NotFound(f"There is no place of work {place_id}.")
    return place


def add_place(db: Db, details: PlaceDetails) -> PlaceOfWork:
    """One more place of work. Raises :class:`Refused` with every reason."""
    place = PlaceOfWork()
    _write(place, _fit(db, details, 0))
    db.add(place)
    db.flush()
    return place


def edit_place(db: Db, place_id: int, details: PlaceDetails) -> PlaceOfWork:
    """Put other details of a place on file; claims that were filed keep what they said.

    Raises :class:`NotFound`, :class:`Refused` with every reason.
    """
    place = place_with_id(db, place_id)
    _write(place, _fit(db, details, place_id))
    db.flush()
    return place


def move_room(db: Db, room_id: int, place_id: int | None) -> None:
    """Say where a room is; with nothing, at the clinic's own address. Raises :class:`NotFound`.

    Sessions that are not billed yet are judged by the new place.
    """
    room = room_of(db, room_id)
    if place_id is not None:
        place_with_id(db, place_id)
    room.place_id = place_id
    db.flush()


def has_zip_of_a_claim(zip_code: str) -> bool:
    """Whether a postcode has the nine digits that claims need."""
    try:
        return len(zip_digits(zip_code)) == _ZIP_OF_A_CLAIM
    except ValueError:
        return False


def _write(place: PlaceOfWork, details: PlaceDetails) -> None:
    for name, value in asdict(details).items():
        setattr(place, name, value or (None if name in ("address2", "npi") else ""))


def _fit(db: Db, details: PlaceDetails, place_id: int) -> PlaceDetails:
    hold_lock(db, "places")
    given = Place(details.address1, details.address2, details.city, details.state, details.zip).tidied()
    tidy = PlaceDetails(
        " ".join(details.name.split()), given.address1, given.address2, given.city, given.state, given.zip,
        (details.country.strip() or country_of(the_clinic(db))).upper(), "".join(details.npi.split()),
    )  # fmt: skip
    problems = details_problems(tidy)
    same = select(PlaceOfWork.id).where(func.lower(PlaceOfWork.name) == tidy.name.lower(), PlaceOfWork.id != place_id)
    if db.scalar(same) is not None:
        problems.append(_at("name", f"There is a place {tidy.name} already.", "Give this one another name."))
    if problems:
        raise Refused(" ".join(problem.why for problem in problems), problems)
    return tidy


def details_problems(details: PlaceDetails) -> list[Problem]:
    """What no place of work can be; in the United States also what no claim could be made with."""
    problems = [
        _at(name, f"The {label} is empty.", "Fill it in.")
        for name, label in (("name", "name"), ("address1", "street"), ("city", "city"), ("state", "state or county"))
        if not getattr(details, name)
    ]
    for name, most in (("name", LONGEST_NAME), ("address1", _LONGEST_LINE), ("address2", _LONGEST_LINE)):
        if len(getattr(details, name)) > most:
            problems.append(_at(name, f"This is longer than {most} characters.", "Shorten it."))
    if details.country not in ADDRESSED_LIKE_THE_STATES:
        if not (len(details.country) == 2 and details.country.isascii() and details.country.isalpha()):
            problems.append(_at("country", "A country has two letters.", "Write them as in US or GB."))
        return problems
    address = Place(details.address1, details.address2, details.city, details.state, details.zip)
    problems += place_problems(address)
    if not details.zip:
        problems.append(_at("zip", "The ZIP code is empty.", "Claims need all nine digits, as in 97214-2318."))
    if details.npi and not is_npi(details.npi):
        fix = "Leave it empty unless the place has a number of its own in the national registry (NPPES)."
        problems.append(_at("npi", "This is not a National Provider Identifier.", fix))
    return problems


def _at(name: str, why: str, fix: str) -> Problem:
    return block(f"place.{name}", why, fix, f"field:{name}")
