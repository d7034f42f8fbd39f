"""The whole program's dependencies on one page: settings in, adapters out.

SFTP and the text gateway are imported where they are made, since their libraries are large: a clinic whose claim files
and messages go into folders has none of them in its memory.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING

from sqlalchemy import select

from billing import clock
from billing.adapters.bell_celery import CeleryBell
from billing.adapters.clearinghouse_folder import FolderClearinghouse
from billing.adapters.clearinghouse_sandbox import SandboxClearinghouse
from billing.adapters.code_folder import DiskCodeFolder
from billing.adapters.inbox_folder import FolderInbox
from billing.adapters.mail_folder import FolderMailer
from billing.adapters.mail_format import sender_from
from billing.adapters.mail_smtp import MailServer, SmtpMailer
from billing.adapters.sms_folder import FolderTexts
from billing.adapters.store_disk import DiskStore
from billing.claims.filing.preparing import FileSettings
from billing.codes.sets import shelf
from billing.database import Database
from billing.edi.claim_837p.claim import Receiver
from billing.edi.envelope_writer import Usage
from billing.errors import DatabaseAway
from billing.operations import rounds, schema
from billing.operations.errands.means import Means
from billing.ports import Bell, Clearinghouse, CodeFolder, DocumentStore, EligibilityLine, Inbox
from billing.relay import look_up
from billing.reminders.links import Links
from billing.settings import Settings, kept_secret, settings_of_this_process

if TYPE_CHECKING:
    from billing.adapters.clearinghouse_sftp import SftpClearinghouse
    from billing.adapters.sftp_line import SftpServer
    from billing.adapters.sms_http import HttpTexts

PATIENCE = 60.0
"""Seconds that a process which begins waits for its database server."""
SECONDS_BETWEEN_LOOKS = 0.5


class Program:
    """One running program: its settings, its database, and its ways to the outside world."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.database = Database(settings.database)
        self.documents: DocumentStore = DiskStore(settings.documents)
        self.code_folder: CodeFolder = DiskCodeFolder(settings.codes)
        shelf.use(self.code_folder)
        self.bell: Bell = CeleryBell(settings, rounds.queue_of(), rounds.RUN_ERRANDS)
        """Rung after a commit that left something for the workers."""
        self.is_stopping: Callable[[], bool] = lambda: False
        """Whether this process is to end: a worker, which is told so, puts its own question here."""
        self.up_since = clock.now()

    @property
    def file_settings(self) -> FileSettings:
        """What this installation says about its claim files."""
        receiver = Receiver(self.settings.claim_receiver_name, self.settings.claim_receiver_id)
        return FileSettings(receiver, Usage(self.settings.claim_usage))

    def answer_at(self, address: str) -> None:
        """Have the private links in messages lead to that address, for as long as this process runs."""
        self.settings = self.settings.model_copy(update={"public_url": address})

    @property
    def secret_key(self) -> str:
        """The key that signs browser cookies."""
        return self.settings.secret_key or kept_secret(self.settings.data, "secret_key")

    def clearinghouse(self, folder: Path | None = None) -> Clearinghouse:
        """Where claim files go: to the SFTP server, or into ``folder``, by default the outbox of the data folder.

        The sandbox puts its answers into the folder ``answers`` next to it.
        """
        settings, claims = self.settings, folder or self.settings.outbox / "claims"
        if settings.clearinghouse == "sandbox":
            return SandboxClearinghouse(claims, claims.parent / "answers", settings.payer, settings.sandbox_seed)
        if settings.clearinghouse == "sftp":
            return self._sftp_clearinghouse
        return FolderClearinghouse(claims)

    @property
    def eligibility_line(self) -> EligibilityLine | None:
        """Where a payer is asked about cover and answers at once; ``None`` where questions go as files."""
        settings, claims = self.settings, self.settings.outbox / "claims"
        if settings.clearinghouse != "sandbox":
            return None
        return SandboxClearinghouse(claims, claims.parent / "answers", settings.payer, settings.sandbox_seed)

    @property
    def _sftp_clearinghouse(self) -> SftpClearinghouse:
        from billing.adapters.clearinghouse_sftp import SftpClearinghouse

        return SftpClearinghouse(self._sftp, self.settings.sftp_claims)

    @property
    def _sftp(self) -> SftpServer:
        from billing.adapters.sftp_line import SftpServer

        one = self.settings
        return SftpServer(
            one.sftp_host, one.sftp_port, one.sftp_user, one.sftp_password, one.sftp_key, one.sftp_known_hosts
        )

    @property
    def acknowledgements(self) -> Clearinghouse:
        """Where what acknowledges payment files goes."""
        return self.clearinghouse(self.settings.outbox / "acknowledgements")

    @cached_property
    def inbox(self) -> Inbox:
        """Where answers and payments arrive; a folder that is named is looked into, wherever claims go.

        Else it is the SFTP server's, and the sandbox puts its own next to its claims.
        """
        settings = self.settings
        if settings.inbox is not None:
            return FolderInbox(settings.inbox)
        if settings.clearinghouse == "sftp":
            from billing.adapters.inbox_sftp import SftpInbox

            return SftpInbox(self._sftp, settings.sftp_answers)
        is_sandbox = settings.clearinghouse == "sandbox"
        return FolderInbox(settings.outbox / "answers" if is_sandbox else settings.data / "inbox")

    @property
    def ways_to_the_clearinghouse(self) -> Mapping[str, Callable[[], object]]:
        """How to try whether what goes to the clearinghouse and comes from it can do so, by what that is."""
        there = {"claims": self._sftp_clearinghouse.check} if self.settings.clearinghouse == "sftp" else {}
        return {**there, "answers and payments": self.inbox.files}

    @cached_property
    def mailer(self) -> FolderMailer | SmtpMailer:
        """Where e-mail goes."""
        settings = self.settings
        sender = sender_from(settings.mail_from)
        if settings.mail == "folder":
            return FolderMailer(settings.outbox / "mail", sender)
        server = MailServer(
            settings.mail_host, settings.mail_port, settings.mail_security, settings.mail_user, settings.mail_password,
            settings.mail_ca,
        )  # fmt: skip
        return SmtpMailer(server, sender)

    @cached_property
    def texts(self) -> FolderTexts | HttpTexts:
        """Where text messages go, and where replies come from."""
        settings = self.settings
        if settings.texts == "folder":
            return FolderTexts(settings.outbox / "texts", settings.data / "inbox" / "texts")
        from billing.adapters.sms_http import Gateway, HttpTexts

        return HttpTexts(Gateway(settings.texts_url.rstrip("/"), settings.texts_token, settings.texts_from))

    @property
    def links(self) -> Links:
        """How private links in messages are made, and known again."""
        return Links(self.settings.public_url, self.secret_key)

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
            self.is_stopping,
            self.code_folder,
        )


def ready(settings: Settings) -> Program:
    """A program whose database has been made, or brought up to date."""
    program = Program(settings)
    schema.upgrade(program.database)
    return program


def program_of_this_process() -> Program:
    """The program as the process environment sets it up.

    A database server that is only just coming up, or coming back, is waited for: a desk that could not begin would
    take down the server whose part it is. Raises :class:`DatabaseAway` when it does not answer for long.
    """
    program = Program(settings_of_this_process())
    wait_for(program.database)
    schema.upgrade(program.database)
    return program


def wait_for(database: Database) -> None:
    """Return as soon as its server answers. Raises :class:`DatabaseAway` when it does not for long."""
    give_up_at = monotonic() + PATIENCE
    while True:
        try:
            return look_up(database, lambda db: db.execute(select(1)).close())
        except DatabaseAway:
            if monotonic() > give_up_at:
                raise
        sleep(SECONDS_BETWEEN_LOOKS)
