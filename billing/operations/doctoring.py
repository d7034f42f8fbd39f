"""What is wrong with this installation, and what to do about it?"""

from __future__ import annotations

import shutil
from pathlib import Path

from sqlalchemy import func, select

from billing.claims.assembly.scrubbing import billing_provider_problems
from billing.claims.lifecycle import ClaimState
from billing.claims.models import Claim
from billing.clinic.models import Clinic
from billing.database import Db
from billing.errors import Problem, block, warn
from billing.payers.models import Payer

LEAST_FREE_BYTES = 500 * 1024 * 1024


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
    bills_insurers = db.scalar(select(func.count()).select_from(Payer))
    return [*(billing_provider_problems(clinic) if bills_insurers else []), *_unknown_claims(db)]


def _unknown_claims(db: Db) -> list[Problem]:
    unknown = db.scalar(select(func.count()).where(Claim.state == ClaimState.UNKNOWN)) or 0
    if not unknown:
        return []
    return [
        warn(
            "claims.unknown",
            f"Nobody knows whether {unknown} claims arrived: they were being sent when something broke.",
            "Ask the clearinghouse for the file before anything is sent again.",
        )
    ]
