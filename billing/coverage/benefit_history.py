"""What a payer has said of a benefit over time: each time kept, and what it changed told."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, update

from billing.coverage.models import Benefit, BenefitSource, BenefitVersion
from billing.coverage.wording import percent_words
from billing.database import Db, batches, insert_many
from billing.money import Money

SAID = (
    "covered", "verified_on", "source", "plan_name", "network", "copay_cents", "coinsurance_basis_points",
    "copay_per", "deductible_applies", "copay_waives_deductible", "copay_counts_to_out_of_pocket",
    "deductible_cents", "deductible_remaining_cents", "family_deductible_cents", "family_deductible_remaining_cents",
    "out_of_pocket_cents", "out_of_pocket_remaining_cents", "family_out_of_pocket_cents",
    "family_out_of_pocket_remaining_cents", "visits_allowed", "visits_remaining", "visits_used_elsewhere",
    "limit_in_answer", "period", "period_months", "plan_year_from", "shared_with", "dollar_limit_cents",
    "dollars_remaining_cents", "dollars_told_on", "authorisation_required", "referral_required",
    "representative", "reference", "remarks", "set_by_hand",
)  # fmt: skip
"""What a payer says, by the names of :class:`Benefit`, in the order in which it is told."""
_OF_THE_ASKING = frozenset({"verified_on", "source", "representative", "reference", "dollars_told_on"})
"""What differs each time anybody asks."""
_NOT_IMPORTED: Mapping[str, Any] = {"visits_remaining": None, "limit_in_answer": None, "set_by_hand": []}
"""What an import does away with."""
_NOT_KEPT: Mapping[str, Any] = {"without_hand": None, "contradicted_by": None}
LABELS: Mapping[str, str] = {
    "covered": "Acupuncture covered", "plan_name": "Plan", "network": "Terms", "copay_cents": "Copay",
    "coinsurance_basis_points": "Coinsurance", "copay_per": "Copay each", "deductible_applies": "Deductible applies",
    "copay_waives_deductible": "Copay instead of deductible",
    "copay_counts_to_out_of_pocket": "Copay counts to the limit", "deductible_cents": "Deductible",
    "deductible_remaining_cents": "Deductible left", "family_deductible_cents": "Family deductible",
    "family_deductible_remaining_cents": "Family deductible left", "out_of_pocket_cents": "Out-of-pocket maximum",
    "out_of_pocket_remaining_cents": "Out-of-pocket left", "family_out_of_pocket_cents": "Family out-of-pocket maximum",
    "family_out_of_pocket_remaining_cents": "Family out-of-pocket left", "visits_allowed": "Visits allowed",
    "visits_remaining": "Visits left, as the payer said", "visits_used_elsewhere": "Visits used elsewhere",
    "limit_in_answer": "Looser limit in the electronic answer",
    "period": "Counted in", "period_months": "Months of the period", "plan_year_from": "Plan year from",
    "shared_with": "Shared with", "dollar_limit_cents": "Dollar limit", "dollars_remaining_cents": "Dollars left",
    "authorisation_required": "Authorisation needed", "referral_required": "Referral needed", "remarks": "Conditions",
    "set_by_hand": "Set by hand",
}  # fmt: skip
"""How each is called on the screen."""


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that was said otherwise than before, in words."""

    label: str
    before: str
    after: str

    @property
    def words(self) -> str:
        """In one line: ``Copay: $25.00, was $20.00``."""
        return f"{self.label}: {self.after}, was {self.before}"


@dataclass(frozen=True, slots=True)
class Told:
    """One version as the screen tells it, with what it changed."""

    version: BenefitVersion
    changes: tuple[Change, ...]


def said_of(benefit: Benefit) -> dict[str, Any]:
    """Everything on file of a benefit as plain values that JSON holds."""
    return said_by({name: getattr(benefit, name) for name in SAID})


def said_by(values: Mapping[str, Any]) -> dict[str, Any]:
    """The same of values that are to be kept, by the names of :class:`Benefit`."""
    return {name: _plain(values[name]) for name in SAID}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def changed_names(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> list[str]:
    """What a payer says otherwise than the time before; nothing the first time."""
    if before is None:
        return []
    return [name for name in SAID if name not in _OF_THE_ASKING and before.get(name) != after.get(name)]


def add_version(
    db: Db, benefit: Benefit, before: Mapping[str, Any] | None, *, by: str, at: datetime, answer_id: int | None = None
) -> BenefitVersion:
    """Keep what is now on file as one more version; ``before`` is what was there before it."""
    said = said_of(benefit)
    version = BenefitVersion(
        patient_id=benefit.patient_id,
        payer_id=benefit.payer_id,
        at=at,
        by=by,
        source=benefit.source or BenefitSource.IMPORT,
        verified_on=benefit.verified_on,
        said=said,
        changed=changed_names(before, said),
        answer_id=answer_id,
    )
    db.add(version)
    db.flush()
    return version


def said_before(db: Db, patient_ids: Collection[int]) -> dict[tuple[int, int], dict[str, Any]]:
    """What is on file of these patients' benefits, by patient and payer, for :func:`note_imported` to compare with."""
    found: dict[tuple[int, int], dict[str, Any]] = {}
    for ids in batches(sorted(patient_ids), 10_000):
        for one in db.scalars(select(Benefit).where(Benefit.patient_id.in_(ids))):
            found[one.patient_id, one.payer_id] = said_of(one)
    return found


def note_imported(
    db: Db, pairs: Collection[tuple[int, int]], before: Mapping[tuple[int, int], Mapping[str, Any]], at: datetime
) -> None:
    """Keep a version of each benefit that an import has just written, by patient and payer, in bulk."""
    patient_ids = sorted({patient_id for patient_id, _ in pairs})
    for ids in batches(patient_ids, 10_000):
        asked = select(Benefit).where(Benefit.patient_id.in_(ids)).execution_options(populate_existing=True)
        written = [one for one in db.scalars(asked) if (one.patient_id, one.payer_id) in pairs]
        of_import = {"source": BenefitSource.IMPORT, **_NOT_IMPORTED, **_NOT_KEPT}
        for numbers in batches([one.id for one in written], 10_000):
            db.execute(update(Benefit).where(Benefit.id.in_(numbers)).values(of_import))
        insert_many(db, BenefitVersion, [_imported(one, before, at) for one in written])


def _imported(benefit: Benefit, before: Mapping[tuple[int, int], Mapping[str, Any]], at: datetime) -> dict[str, Any]:
    said = said_of(benefit) | {"source": BenefitSource.IMPORT, **_NOT_IMPORTED}
    return {
        "patient_id": benefit.patient_id,
        "payer_id": benefit.payer_id,
        "at": at,
        "by": "command:import",
        "source": BenefitSource.IMPORT,
        "verified_on": benefit.verified_on,
        "said": said,
        "changed": changed_names(before.get((benefit.patient_id, benefit.payer_id)), said),
    }


def versions_of(db: Db, patient_id: int, payer_ids: Collection[int], most: int = 100) -> list[BenefitVersion]:
    """What these payers have said of a patient's benefit, the latest first."""
    mine = (BenefitVersion.patient_id == patient_id, BenefitVersion.payer_id.in_(payer_ids))
    return list(db.scalars(select(BenefitVersion).where(*mine).order_by(BenefitVersion.id.desc()).limit(most)))


def last_answer_of(db: Db, patient_id: int, payer_id: int) -> int | None:
    """The payer's electronic answer that was put on file last; ``None`` when none ever was."""
    mine = (BenefitVersion.patient_id == patient_id, BenefitVersion.payer_id == payer_id)
    answered = select(BenefitVersion.answer_id).where(*mine, BenefitVersion.answer_id.is_not(None))
    return db.scalar(answered.order_by(BenefitVersion.id.desc()).limit(1))


def told(versions: Sequence[BenefitVersion], currency: str) -> list[Told]:
    """Versions of one patient, the latest first, each with its changes against the one before it by the same payer."""
    earlier: dict[int, BenefitVersion] = {}
    found: list[Told] = []
    for version in reversed(versions):
        before = earlier.get(version.payer_id)
        changes = [_change(name, before.said, version.said, currency) for name in version.changed] if before else []
        found.append(Told(version, tuple(changes)))
        earlier[version.payer_id] = version
    return found[::-1]


def _change(name: str, before: Mapping[str, Any], after: Mapping[str, Any], currency: str) -> Change:
    return Change(LABELS[name], value_words(name, before.get(name), currency), value_words(name, after[name], currency))


def value_words(name: str, value: Any, currency: str) -> str:
    """One thing a payer said, in words; what it did not say is ``unknown``."""
    if value is None or value == []:
        return "none" if name in ("shared_with", "limit_in_answer", "set_by_hand") else "unknown"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if name.endswith("_cents"):
        return str(Money(value, currency))
    if name == "coinsurance_basis_points":
        return percent_words(value)
    if isinstance(value, list):
        return ", ".join(one.replace("_", " ") for one in value)
    if name == "network":
        return "in network" if value == "in" else "out of network"
    return str(value).replace("_", " ") if name == "period" else str(value)
