"""Errands on stage: an office whose desk asks for long work, and which runs it when a test says so."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from billing import clock
from billing.access.models import User
from billing.adapters.inbox_folder import FolderInbox
from billing.adapters.memory import MemoryClearinghouse
from billing.database import Database
from billing.operations.errands.asking import ask
from billing.operations.errands.kinds import ErrandKind
from billing.operations.errands.means import Means
from billing.operations.errands.running import run_waiting
from billing.operations.models import Errand
from billing.ports import Clearinghouse, DocumentStore
from tests.access.cast import make_cast
from tests.claims.office import SETTINGS, Office


@dataclass
class Told:
    """Hears how far work is."""

    steps: list[tuple[str, int, int | None]] = field(default_factory=list)
    """What is being done, how many so far, and of how many."""

    def tell(self, doing: str, done: int = 0, total: int | None = None) -> None:
        """Note it."""
        self.steps.append((doing, done, total))


@dataclass
class Backroom:
    """Where what was asked for is done."""

    database: Database
    documents: DocumentStore
    inbox: Path
    user: User
    clearinghouse: Clearinghouse = field(default_factory=MemoryClearinghouse)
    acknowledgements: MemoryClearinghouse = field(default_factory=MemoryClearinghouse)
    is_stopping: bool = False

    @property
    def means(self) -> Means:
        return Means(
            self.database,
            self.documents,
            self.clearinghouse,
            self.acknowledgements,
            SETTINGS,
            FolderInbox(self.inbox),
            lambda: self.is_stopping,
        )

    def ask(self, kind: ErrandKind, **facts: Any) -> Errand:
        with self.database.transaction() as db:
            return ask(db, kind, facts, self.user.id, clock.now())

    def run(self) -> int:
        return run_waiting(self.means)

    def done(self, kind: ErrandKind, **facts: Any) -> Errand:
        """Ask for an errand, run whatever waits, and see how it ended."""
        asked = self.ask(kind, **facts)
        self.run()
        return self.seen(asked)

    def seen(self, errand: Errand) -> Errand:
        """How an errand stands now."""
        with self.database.reading() as db:
            return db.get_one(Errand, errand.id)

    def edit(self, errand: Errand, **cells: Any) -> None:
        with self.database.transaction() as db:
            kept = db.get_one(Errand, errand.id)
            for name, value in cells.items():
                setattr(kept, name, value)

    def kept(self, name: str, content: bytes) -> dict[str, str]:
        """A file that was sent in, as an errand names it."""
        return {"sha256": self.documents.put(content), "name": name}


def backroom_of(office: Office, inbox: Path) -> Backroom:
    """The back room of an office."""
    user = make_cast(office.database).ada
    return Backroom(office.database, office.store, inbox, user, office.clearinghouse)
