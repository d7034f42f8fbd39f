"""Every setting of the program: one frozen object, read once from the environment.

Nothing set at all gives a runnable local clinic in ``./data``. A secret may be given as a file:
``MERIDIAN_DATABASE_URL_FILE`` names a file that holds what ``MERIDIAN_DATABASE_URL`` would.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping
from email.utils import parseaddr
from ipaddress import ip_address
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from billing.errors import Refused

PREFIX = "MERIDIAN_"
_ADDRESS = re.compile(r"[^\s@<>\"]+@[A-Za-z0-9.-]+")


class Settings(BaseModel):
    """What an installation can choose. Each field is ``MERIDIAN_<NAME>`` in the environment."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    data: Path = Field(
        default=Path("data"), description="Folder of the embedded default: database, documents, outboxes."
    )
    database_url: str = Field(default="", description="SQLAlchemy URL; empty means SQLite inside the data folder.")
    broker_url: str = Field(
        default="", description="Celery broker; empty means queues as files inside the data folder."
    )
    secret_key: str = Field(default="", description="Signs browser cookies; empty means a key kept in the data folder.")
    clearinghouse: str = Field(
        default="folder",
        pattern="^(folder|sandbox|sftp)$",
        description="Where claim files go: folder, where a person takes them on, sandbox, a payer to practise with, "
        "or sftp, a clearinghouse's server.",
    )
    sftp_host: str = Field(default="", pattern=r"^[A-Za-z0-9.:-]*$", description="The clearinghouse's SFTP server.")
    sftp_port: int = Field(default=22, ge=1, le=65535, description="Its port.")
    sftp_user: str = Field(default="", pattern=r"^\S*$", description="Our name there.")
    sftp_password: str = Field(default="", repr=False, description="Our password there, unless a key is used.")
    sftp_key: str = Field(
        default="",
        repr=False,
        pattern="(^$|BEGIN [A-Z ]*PRIVATE KEY)",
        description="Our private key there, without a passphrase, as its file reads; instead of a password.",
    )
    sftp_known_hosts: str = Field(
        default="", description="The server's host keys, as lines of a known_hosts file; another server is refused."
    )
    sftp_claims: str = Field(
        default="claims", pattern=r"^[^\x00-\x1f]+$", description="Its folder that claim files are put into."
    )
    sftp_answers: str = Field(
        default="answers", pattern=r"^[^\x00-\x1f]+$", description="Its folder that answers and payments lie in."
    )
    sandbox_seed: str = Field(
        default="1", description="What the sandbox draws its answers from: the same seed, the same answers."
    )
    claim_usage: str = Field(default="P", pattern="[PT]", description="ISA15 of what we send: P production, T test.")
    claim_receiver_id: str = Field(
        default="CLEARINGHOUSE", description="ISA08 and NM1*40: who receives our claim files."
    )
    claim_receiver_name: str = Field(default="CLEARINGHOUSE", description="The receiver's name in NM1*40.")
    eligibility: str = Field(
        default="",
        pattern="^(|rules|by_hand)$",
        description="Who has payers asked about cover: rules (booking, visits near, a new year, a change) besides "
        "people, or only people, by_hand. Unset means rules, unless claim files only wait in a folder.",
    )
    inbox: Path | None = Field(
        default=None,
        description="Folder in which answers and payments arrive; unset means inbox in the data folder, the sandbox's "
        "own, or the SFTP server's.",
    )
    mail: str = Field(
        default="folder", pattern="^(folder|smtp)$", description="How e-mail goes out: folder, as files, or smtp."
    )
    mail_from: str = Field(
        default="Meridian <meridian@localhost>", description="Sender of e-mail, with the clinic's name: Name <address>."
    )
    mail_host: str = Field(default="", description="The mail server.")
    mail_port: int = Field(default=587, ge=1, le=65535, description="Its port: mostly 587, or 465 for tls.")
    mail_security: str = Field(
        default="starttls",
        pattern="^(starttls|tls|plain)$",
        description="How the line to the mail server is kept private; plain is for a server on this machine alone.",
    )
    mail_user: str = Field(default="", description="Name at the mail server; empty means without signing in.")
    mail_password: str = Field(default="", repr=False, description="Password at the mail server.")
    mail_ca: Path | None = Field(
        default=None, description="Certificates to trust, if the mail server's is not from a public authority."
    )
    texts: str = Field(
        default="folder", pattern="^(folder|http)$", description="How text messages go out: folder, as files, or http."
    )
    texts_url: str = Field(default="", description="Address of the text gateway, to which /messages is added.")
    texts_token: str = Field(default="", repr=False, description="What the text gateway knows us by.")
    texts_from: str = Field(default="", description="Number or name that recipients of text messages see.")
    public_url: str = Field(
        default="",
        pattern=r"^(https?://[^\s/?#]+(/[^\s?#]*)?)?$",
        description="Where patients reach the desk, such as https://desk.example.org; empty: messages have no links.",
    )
    host: str = Field(default="127.0.0.1", description="Address at which meridian serve answers.")
    port: int = Field(default=8040, ge=1, le=65535, description="Port at which meridian serve answers.")
    trusted_proxies: int = Field(
        default=0,
        ge=0,
        le=5,
        description="How many proxies of ours stand before the desk; only then is believed what they say of browsers.",
    )
    secure_cookies: bool = Field(default=False, description="Set it when the desk is served over HTTPS.")

    @property
    def asks_by_rules(self) -> bool:
        """Whether payers are asked about cover without anybody asking for it."""
        return self.eligibility == "rules" or (not self.eligibility and self.clearinghouse != "folder")

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        if wrong := ways_out_problems(self):
            raise ValueError("; ".join(wrong))
        return self

    @property
    def database(self) -> str:
        """The SQLAlchemy URL in force."""
        return self.database_url or f"sqlite:///{(self.data / 'meridian.sqlite3').resolve()}"

    @property
    def documents(self) -> Path:
        """Folder in which document bytes are kept, by hash."""
        return self.data / "documents"

    @property
    def codes(self) -> Path:
        """Folder of the code sets that were loaded; every process of the installation reads it."""
        return self.data / "codes"

    @property
    def outbox(self) -> Path:
        """Folder into which claim files go when no clearinghouse is configured."""
        return self.data / "outbox"

    @property
    def payer(self) -> Path:
        """Folder in which the sandbox payer keeps what it has paid."""
        return self.data / "payer"

    @property
    def worker_lock(self) -> Path:
        """File that the one worker of the embedded default holds as long as it lives."""
        return self.data / "worker.lock"

    @property
    def queues(self) -> Path:
        """Folder of the file broker, used when no broker is configured."""
        return self.data / "queues"


def settings_from(environment: Mapping[str, str]) -> Settings:
    """Read the ``MERIDIAN_*`` variables.

    Raises :class:`Refused` naming each variable that is unknown, has a bad value, or names a
    secret file that cannot be read.
    """
    values: dict[str, str] = {}
    for name, value in environment.items():
        if not name.startswith(PREFIX) or value == "":
            continue
        field = name.removeprefix(PREFIX).lower()
        if field.endswith("_file") and field not in Settings.model_fields:
            field, value = field.removesuffix("_file"), _secret_in(name, Path(value))
        values[field] = value
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        reasons = [_reason(item["loc"], item["msg"]) for item in error.errors(include_input=False)]
        raise Refused("These settings cannot be used. " + "; ".join(reasons)) from None


def _reason(where: tuple[int | str, ...], said: str) -> str:
    told = said.removeprefix("Value error, ")
    return f"{PREFIX}{str(where[0]).upper()}: {told}" if where else told


def ways_out_problems(settings: Settings) -> list[str]:
    """What is missing or unsafe in how e-mail and text messages go out, each with the name of its variable."""
    wrong = []
    needed = {"mail": ("mail_host", "mail_from"), "texts": ("texts_url", "texts_token", "texts_from")}
    for way, others in needed.items():
        if getattr(settings, way) != "folder":
            wrong += [f"{PREFIX}{one.upper()}: is needed" for one in others if one not in settings.model_fields_set]
    wrong += _sftp_problems(settings) if settings.clearinghouse == "sftp" else []
    if settings.mail_security == "plain" and settings.mail_host and not is_loopback(settings.mail_host):
        wrong.append(f"{PREFIX}MAIL_SECURITY: plain is for a mail server on this machine alone")
    if bool(settings.mail_user) != bool(settings.mail_password):
        wrong.append(f"{PREFIX}MAIL_PASSWORD: a user and a password go together")
    if not _ADDRESS.fullmatch(parseaddr(settings.mail_from)[1]):
        wrong.append(f"{PREFIX}MAIL_FROM: must be an e-mail address, or Name <address>")
    if not (settings.texts_token.isascii() and settings.texts_token.isprintable()):
        wrong.append(f"{PREFIX}TEXTS_TOKEN: must be plain letters")
    if settings.texts_url:
        parts = urlsplit(settings.texts_url)
        is_private = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))
        if not (is_private and parts.hostname) or parts.query or parts.fragment or parts.username:
            wrong.append(f"{PREFIX}TEXTS_URL: must be an https address; http is for a gateway on this machine alone")
    return wrong


def _sftp_problems(settings: Settings) -> list[str]:
    needed = ("sftp_host", "sftp_user", "sftp_known_hosts")
    wrong = [f"{PREFIX}{one.upper()}: is needed" for one in needed if not getattr(settings, one)]
    if bool(settings.sftp_password) == bool(settings.sftp_key):
        wrong.append(f"{PREFIX}SFTP_PASSWORD: give a password or {PREFIX}SFTP_KEY_FILE, and not both")
    known = [line.split() for line in settings.sftp_known_hosts.splitlines()]
    if settings.sftp_known_hosts and not any(len(words) >= 3 and not words[0].startswith("#") for words in known):
        wrong.append(f"{PREFIX}SFTP_KNOWN_HOSTS: holds no line such as ssh-keyscan writes")
    return wrong


def is_loopback(host: str) -> bool:
    """Whether a host is this machine itself, so that what is said to it leaves it by no wire."""
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _secret_in(name: str, path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"{name} names {path}, which cannot be read: {type(error).__name__}.") from None


def settings_of_this_process() -> Settings:
    """The settings of the process environment."""
    return settings_from(os.environ)


def environment_for(settings: Settings, around: Mapping[str, str]) -> dict[str, str]:
    """An environment in which a child process finds these settings: ``around``, changed only as far as need be.

    So a secret that is given as a file stays in its file.
    """
    if settings_from(around) == settings:
        return dict(around)
    kept = {name: value for name, value in around.items() if not name.startswith(PREFIX)}
    chosen = settings.model_dump(mode="json", exclude_defaults=True, exclude_none=True)
    words = {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in chosen.items()}
    return {**kept, **{f"{PREFIX}{name.upper()}": value for name, value in words.items()}}


def kept_secret(folder: Path, name: str) -> str:
    """A random secret kept in ``folder`` for this installation; made on first use, readable by its owner only."""
    path = folder / name
    folder.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii")
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(48))
    return path.read_text(encoding="ascii")
