"""What the running of errands needs of the program."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from billing.claims.filing.preparing import FileSettings
from billing.database import Database
from billing.ports import Clearinghouse, CodeFolder, DocumentStore, Inbox


@dataclass(frozen=True, slots=True)
class Means:
    """The database, and the ways to the outside world."""

    database: Database
    documents: DocumentStore
    clearinghouse: Clearinghouse
    """Takes claim files."""
    acknowledgements: Clearinghouse
    """Takes what acknowledges payment files."""
    file_settings: FileSettings
    inbox: Inbox
    """Where answers and payments arrive."""
    is_stopping: Callable[[], bool] = lambda: False
    """Whether the process is to end, so that work should stop where it can be taken up again."""
    code_folder: CodeFolder | None = None
    """Where loaded code sets are kept; ``None`` where none can be loaded."""
