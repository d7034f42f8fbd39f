"""The people on stage: Ada owns the clinic, Ben treats, Cleo bills, Fay runs the front desk; Dov is a stranger."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from argon2 import PasswordHasher

from billing.access.models import User
from billing.access.passwords import PasswordHash, hashed
from billing.access.permissions import Role
from billing.access.users import add_user
from billing.database import Database

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""Quick, for tests only."""
PASSWORD = "seven quiet needles"
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Cast:
    """The accounts of the four who have one."""

    ada: User
    ben: User
    cleo: User
    fay: User

    def of(self, role: Role) -> User:
        """Whoever has that role."""
        return next(user for user in (self.ada, self.ben, self.cleo, self.fay) if user.role is role)


def cheaply(password: str = PASSWORD) -> PasswordHash:
    """A password's hash at the cost of tests."""
    return hashed(password, CHEAP)


def make_cast(database: Database) -> Cast:
    """Give the four their accounts."""
    kept = cheaply()
    with database.transaction() as db:
        return Cast(
            ada=add_user(db, "ada@example.org", "Ada Okafor", Role.OWNER, kept),
            ben=add_user(db, "ben@example.org", "Ben Strand", Role.PRACTITIONER, kept),
            cleo=add_user(db, "cleo@example.org", "Cleo Marsh", Role.BILLER, kept),
            fay=add_user(db, "fay@example.org", "Fay Lindqvist", Role.FRONT_DESK, kept),
        )
