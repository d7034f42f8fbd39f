"""The whole program's dependencies on one page: settings in, adapters out."""

from __future__ import annotations

from pathlib import Path

from billing.adapters.clearinghouse_folder import FolderClearinghouse
from billing.adapters.clearinghouse_sandbox import SandboxClearinghouse
from billing.adapters.store_disk import DiskStore
from billing.claims.filing.preparing import FileSettings
from billing.database import Database
from billing.edi.claim_837p.claim import Receiver
from billing.edi.envelope_writer import Usage
from billing.operations import schema
from billing.ports import Clearinghouse, DocumentStore
from billing.settings import Settings, kept_secret, settings_of_this_process


class Program:
    """One running program: its settings, its database, and its ways to the outside world."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.database = Database(settings.database)
        self.documents: DocumentStore = DiskStore(settings.documents)

    @property
    def file_settings(self) -> FileSettings:
        """What this installation says about its claim files."""
        receiver = Receiver(self.settings.claim_receiver_name, self.settings.claim_receiver_id)
        return FileSettings(receiver, Usage(self.settings.claim_usage))

    @property
    def secret_key(self) -> str:
        """The key that signs browser cookies."""
        return self.settings.secret_key or kept_secret(self.settings.data, "secret_key")

    def clearinghouse(self, folder: Path | None = None) -> Clearinghouse:
        """Where claim files go: into ``folder``, by default the outbox of the data folder.

        The sandbox puts its answers into the folder ``answers`` next to it.
        """
        settings, claims = self.settings, folder or self.settings.outbox / "claims"
        if settings.clearinghouse == "sandbox":
            return SandboxClearinghouse(claims, claims.parent / "answers", settings.payer, settings.sandbox_seed)
        return FolderClearinghouse(claims)


def ready(settings: Settings) -> Program:
    """A program whose database has been made, or brought up to date."""
    program = Program(settings)
    schema.upgrade(program.database)
    return program


def program_of_this_process() -> Program:
    """The program as the process environment sets it up."""
    return ready(settings_of_this_process())
