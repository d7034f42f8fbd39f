"""Every setting of the program: one frozen object, read once from the environment.

Nothing set at all gives a runnable local clinic in ``./data``. A secret may be given as a file:
``MERIDIAN_DATABASE_URL_FILE`` names a file that holds what ``MERIDIAN_DATABASE_URL`` would.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from billing.errors import Refused

PREFIX = "MERIDIAN_"


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
        pattern="^(folder|sandbox)$",
        description="Where claim files go: folder, where a person takes them on, or sandbox, a payer to practise with.",
    )
    sandbox_seed: str = Field(
        default="1", description="What the sandbox draws its answers from: the same seed, the same answers."
    )
    claim_usage: str = Field(default="P", pattern="[PT]", description="ISA15 of what we send: P production, T test.")
    claim_receiver_id: str = Field(
        default="CLEARINGHOUSE", description="ISA08 and NM1*40: who receives our claim files."
    )
    claim_receiver_name: str = Field(default="CLEARINGHOUSE", description="The receiver's name in NM1*40.")
    inbox: Path | None = Field(
        default=None,
        description="Folder in which answers and payments arrive; unset means inbox in the data folder.",
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
    def database(self) -> str:
        """The SQLAlchemy URL in force."""
        return self.database_url or f"sqlite:///{(self.data / 'meridian.sqlite3').resolve()}"

    @property
    def documents(self) -> Path:
        """Folder in which document bytes are kept, by hash."""
        return self.data / "documents"

    @property
    def outbox(self) -> Path:
        """Folder into which claim files go when no clearinghouse is configured."""
        return self.data / "outbox"

    @property
    def payer(self) -> Path:
        """Folder in which the sandbox payer keeps what it has paid."""
        return self.data / "payer"

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
        reasons = [
            f"{PREFIX}{str(item['loc'][0]).upper()}: {item['msg']}" for item in error.errors(include_input=False)
        ]
        raise Refused("These settings cannot be used. " + "; ".join(reasons)) from None


def _secret_in(name: str, path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"{name} names {path}, which cannot be read: {type(error).__name__}.") from None


def settings_of_this_process() -> Settings:
    """The settings of the process environment."""
    return settings_from(os.environ)


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
