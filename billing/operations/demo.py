"""The built-in demo clinic: invented people, a few weeks of sessions, and a case for every kind of trouble."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from billing.access.permissions import Role
from billing.errors import Refused

CLINIC = Path(__file__).resolve().parent / "demo_clinic"
"""The demo clinic as an import folder; a pattern to write one's own by."""
THROUGH = date(2026, 3, 31)
PASSWORD = "juniper lane demo"
PRACTITIONER = "AC1"
"""Who of the clinic's practitioners signs in to the demo, by the old system's id."""
PRACTITIONER_EMAIL = "clementine@juniperlane.example.org"

_MARK = ".meridian-demo"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may sign in to the demo."""

    name: str
    email: str
    role: Role


PEOPLE = (
    Person("Ada Owner", "ada@juniperlane.example.org", Role.OWNER),
    Person("Clementine Achterberg", PRACTITIONER_EMAIL, Role.PRACTITIONER),
    Person("Cleo Claims", "cleo@juniperlane.example.org", Role.BILLER),
    Person("Fay Desk", "fay@juniperlane.example.org", Role.FRONT_DESK),
)


def fresh_folder(out: Path) -> None:
    """Make ``out`` an empty demo folder; an earlier demo in it is thrown away.

    Raises :class:`Refused` when the folder holds anything else: a real clinic is never thrown away.
    """
    mark = out / _MARK
    try:
        if mark.exists():
            shutil.rmtree(out)
        elif out.exists() and any(out.iterdir()):
            raise Refused(f"{out} is not empty and not a demo. Name another folder.")
        out.mkdir(parents=True, exist_ok=True)
        mark.touch()
    except OSError as error:
        raise Refused(f"{out} cannot be used: {error.strerror}. Name another folder.") from None
