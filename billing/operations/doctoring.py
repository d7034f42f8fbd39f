"""What is wrong with this installation, and what to do about it?"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select

from billing import clock
from billing.claims.assembly.scrubbing import billing_provider_problems
from billing.claims.lifecycle import ClaimState
from billing.claims.models import Claim, ClaimFile, FileState
from billing.clinic.models import Clinic
from billing.database import Db
from billing.errors import NotDelivered, Problem, Refused, block, warn
from billing.operations.inbox_troubles import PLACE, inbox_troubles
from billing.payers.models import Payer
from billing.reminders.lifecycle import MessageState
from billing.reminders.models import Message

LEAST_FREE_BYTES = 500 * 1024 * 1024
LONGEST_WAIT = timedelta(hours=1)
"""After so long a claim file that could not be handed over is told of."""


def disk_problems(folder: Path) -> list[Problem]:
    """Whether the data folder can be written and has room."""
    probe = folder / ".doctor"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(b"meridian")
        probe.unlink()
    except OSError as error:
        return [
            block("disk.not_writable", f"{folder} cannot be written: {error.strerror}.", "Give this user write access.")
        ]
    free = shutil.disk_usage(folder).free
    if free < LEAST_FREE_BYTES:
        megabytes = free // (1024 * 1024)
        return [
            warn("disk.nearly_full", f"Only {megabytes} MB are free at {folder}.", "Make room before the next run.")
        ]
    return []


def clinic_problems(db: Db) -> list[Problem]:
    """Whether the clinic is set up and could file a claim, and whether any claim waits for a person."""
    clinic = db.get(Clinic, 1)
    if clinic is None:
        return [warn("clinic.missing", "No clinic has been set up.", "Import one: meridian import FOLDER")]
    waiting = [*_unknown_claims(db), *_waiting_files(db, clock.now()), *_unknown_messages(db)]
    bills_insurers = db.scalar(select(func.count()).select_from(Payer))
    return [*(billing_provider_problems(clinic) if bills_insurers else []), *waiting]


def broker_problems(failure: str) -> list[Problem]:
    """What is to be done when the broker cannot be reached; ``failure`` names the kind of error, if there was one."""
    if not failure:
        return []
    why = f"The broker of MERIDIAN_BROKER_URL cannot be reached ({failure}): nothing is done at once or by itself."
    return [block("broker.unreachable", why, "See that Redis runs and that the address and its password are right.")]


def way_out_problems(ways: Mapping[str, Callable[[], None]]) -> list[Problem]:
    """Which ways to patients are closed; ``ways`` are tries by name, each raising :class:`NotDelivered`."""
    problems = []
    for name, attempt in ways.items():
        try:
            attempt()
        except NotDelivered as failure:
            fix = f"Mend it or its settings; {name} waits meanwhile and is tried again and again."
            problems.append(block("messages.no_way_out", f"No {name} can be sent. {failure}", fix))
    return problems


def clearinghouse_problems(ways: Mapping[str, Callable[[], object]]) -> list[Problem]:
    """Which ways to and from the clearinghouse are closed; ``ways`` are tries by what comes or goes on them.

    Each raises :class:`NotDelivered`, or :class:`Refused` when a key of ours cannot be read.
    """
    problems = []
    for what, attempt in ways.items():
        try:
            attempt()
        except (NotDelivered, Refused) as failure:
            fix = f"Mend it or its settings; {what} wait meanwhile, and it is tried again and again."
            problems.append(block("clearinghouse.unreachable", str(failure), fix))
    return problems


def inbox_problems(db: Db, place: str) -> list[Problem]:
    """Files of the inbox that could not be read when it was last looked into."""
    return [
        warn("inbox.unreadable", f"{one.name} in {place}: {one.why}", "Have it sent anew; it is tried again meanwhile.")
        for one in inbox_troubles(db, place)
        if one.name != PLACE
    ]


def _waiting_files(db: Db, at: datetime) -> list[Problem]:
    late = (ClaimFile.state == FileState.PREPARED, ClaimFile.prepared_at < at - LONGEST_WAIT)
    waiting = db.scalar(select(func.count()).where(*late)) or 0
    if not waiting:
        return []
    why = "1 claim file has" if waiting == 1 else f"{waiting} claim files have"
    fix = "See whether the clearinghouse can be reached, and whether a worker runs; meridian bill sends them too."
    return [warn("claims.waiting", f"{why} not been handed over for more than an hour.", fix)]


def _unknown_claims(db: Db) -> list[Problem]:
    unknown = db.scalar(select(func.count()).where(Claim.state == ClaimState.UNKNOWN)) or 0
    if not unknown:
        return []
    return [
        warn(
            "claims.unknown",
            f"Nobody knows whether {unknown} claims arrived: they were being sent when something broke.",
            "They are never sent again by themselves. Ask the clearinghouse for the file, then say so: "
            "meridian claim arrived CLAIM --why TEXT, or missed.",
        )
    ]


def _unknown_messages(db: Db) -> list[Problem]:
    unknown = db.scalar(select(func.count()).where(Message.state == MessageState.UNKNOWN)) or 0
    if not unknown:
        return []
    told = "1 message was" if unknown == 1 else f"{unknown} messages were"
    fix = "Look at Reminders, tab Unknown: only a person has such a message sent again."
    return [warn("messages.unknown", f"Nobody knows whether {told} sent: the mail server broke off.", fix)]
