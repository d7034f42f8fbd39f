"""The rule packs as the settings show them: what is in force, what is due for a review, and whom each one judges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from billing.clinic.models import Clinic
from billing.coverage.models import Policy, RulePack
from billing.coverage.rules.keeping import latest_packs, the_shelf
from billing.coverage.rules.pack import Edition, Pack
from billing.coverage.rules.shelf import Shelf, shipped
from billing.database import Db
from billing.payers.models import Payer
from billing.payers.queries import all_payers


@dataclass(frozen=True, slots=True)
class PackRow:
    """One pack in force."""

    pack: Pack
    edition: Edition | None
    """The one that judges today; ``None`` when it begins later or has ended."""
    is_own: bool
    comes_along: bool
    """Whether Meridian brings a pack of that key along."""
    is_due: bool
    """Whether it should have been compared with its source by now."""
    payers: tuple[str, ...]
    """Whom it judges."""
    plans: int
    """Policies that name it for themselves."""
    versions: int


@dataclass(frozen=True, slots=True)
class RulePacksPage:
    """All packs, and which payer is judged by which."""

    rows: tuple[PackRow, ...]
    """Those due for a review first."""
    assigned: Sequence[tuple[Payer, Pack | None]]
    unreadable: tuple[str, ...]
    """Keys of the clinic's own packs that cannot be read any more, so that they are not in force."""

    @property
    def due(self) -> int:
        """How many wait for a review."""
        return sum(row.is_due for row in self.rows)


def rule_packs_page(db: Db, clinic: Clinic, today: date) -> RulePacksPage:
    """All packs in force; four questions."""
    standing = the_shelf(db)
    assigned = [(payer, standing.for_plan(payer, None, clinic.state)) for payer in all_payers(db)]
    counted = select(RulePack.key, func.max(RulePack.version)).group_by(RulePack.key)
    versions: dict[str, int] = dict(db.execute(counted).all())
    plans = dict(
        db.execute(
            select(Policy.rule_pack, func.count()).where(Policy.rule_pack.is_not(None)).group_by(Policy.rule_pack)
        ).all()
    )
    rows = [_row(one, standing, today, assigned, versions, plans.get(one.key, 0)) for one in standing.packs.values()]
    own = set(db.scalars(select(RulePack.key).where(RulePack.text != "", latest_packs())))
    return RulePacksPage(
        tuple(sorted(rows, key=lambda row: (not row.is_due, not row.payers, row.pack.name))),
        assigned,
        tuple(sorted(own - standing.own)),
    )


def _row(
    pack: Pack,
    standing: Shelf,
    today: date,
    assigned: Sequence[tuple[Payer, Pack | None]],
    versions: Mapping[str, int],
    plans: int,
) -> PackRow:
    return PackRow(
        pack=pack,
        edition=pack.edition_on(today),
        is_own=pack.key in standing.own,
        comes_along=pack.key in shipped(),
        is_due=pack.latest.review_by <= today,
        payers=tuple(payer.name for payer, judged in assigned if judged is pack),
        plans=plans,
        versions=versions.get(pack.key, 0),
    )
