"""The whole program's dependencies on one page: settings in, adapters out."""

from __future__ import annotations

from pathlib import Path

from billing.adapters.bell_thread import ThreadBell
from billing.adapters.clearinghouse_folder import FolderClearinghouse
from billing.adapters.clearinghouse_sandbox import SandboxClearinghouse
from billing.adapters.store_disk import DiskStore
from billing.claims.filing.preparing import FileSettings
from billing.database import Database
from billing.edi.claim_837p.claim import Receiver
from billing.edi.envelope_writer import Usage
from billing.operations import schema
from billing.operations.errands.means import Means
from billing.operations.errands.running import run_waiting
from billing.operations.sealing_all import seal_trail
from billing.ports import Bell, Clearinghouse, DocumentStore
from billing.settings import Settings, kept_secret, settings_of_this_process


class Program:
    """One running program: its settings, its database, and its ways to the outside world."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.database = Database(settings.database)
        self.documents: DocumentStore = DiskStore(settings.documents)
        self.listener = ThreadBell(self.do_what_is_due)
        self.bell: Bell = self.listener
        """Rung after a commit that asked for long work."""

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

    @property
    def acknowledgements(self) -> Clearinghouse:
        """Where what acknowledges payment files goes."""
        return self.clearinghouse(self.settings.outbox / "acknowledgements")

    @property
    def inbox(self) -> Path:
        """The folder that is looked into for answers and payments; the sandbox puts its own next to its claims."""
        if self.settings.inbox is not None:
            return self.settings.inbox
        if self.settings.clearinghouse == "sandbox":
            return self.settings.outbox / "answers"
        return self.settings.data / "inbox"

    @property
    def means(self) -> Means:
        """What the running of errands needs."""
        return Means(
            self.database,
            self.documents,
            self.clearinghouse(),
            self.acknowledgements,
            self.file_settings,
            self.inbox,
            lambda: self.listener.is_silenced,
        )

    def do_what_is_due(self) -> None:
        """Run the errands that wait, and seal the audit trail."""
        run_waiting(self.means)
        seal_trail(self.database)


def ready(settings: Settings) -> Program:
    """A program whose database has been made, or brought up to date."""
    program = Program(settings)
    schema.upgrade(program.database)
    return program


def program_of_this_process() -> Program:
    """The program as the process environment sets it up."""
    return ready(settings_of_this_process())
