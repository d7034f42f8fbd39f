"""What the running of errands needs of the program."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from billing.claims.filing.preparing import FileSettings
from billing.database import Database
from billing.ports import Clearinghouse, DocumentStore


@dataclass(frozen=True, slots=True)
class Means:
    """The database, the ways to the outside world, and the folder that others put files into."""

    database: Database
    documents: DocumentStore
    clearinghouse: Clearinghouse
    """Takes claim files."""
    acknowledgements: Clearinghouse
    """Takes what acknowledges payment files."""
    file_settings: FileSettings
    inbox: Path
    is_stopping: Callable[[], bool] = lambda: False
    """Whether the process is to end, so that work should stop where it can be taken up again."""
