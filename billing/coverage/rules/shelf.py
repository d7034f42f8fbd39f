"""All packs there are: those that come with Meridian and the clinic's own, and which of them judges a plan. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from importlib.resources import files

from billing.coverage.models import Policy, RulePack
from billing.coverage.rules.pack import Edition, Pack
from billing.coverage.rules.reading import read_pack
from billing.payers.models import Payer

SELF_PAY = "self-pay"
"""The key of the pack for those who pay themselves."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """The packs in force, by key; the clinic's own stand in place of those that come with Meridian."""

    packs: Mapping[str, Pack]
    own: frozenset[str] = frozenset()
    """Keys of those the clinic wrote."""
    tried: Pack | None = None
    """A pack that judges every plan, to see what it would say before it is put in force."""

    def for_plan(self, payer: Payer, policy: Policy | None, state: str) -> Pack | None:
        """The pack that judges a plan: its own, or its payer's, or the one for payers of the kind in that state."""
        if self.tried is not None:
            return self.tried
        for named in (policy.rule_pack if policy else None, payer.rule_pack):
            if named:
                return self.packs.get(named)
        return self.for_kind(payer.kind, state)

    def for_kind(self, kind: str, state: str) -> Pack | None:
        """The pack for payers of a kind unless one is named; the clinic's own before those that came along."""
        fitting = [
            one for one in self.packs.values() if kind in one.payer_kinds and (not one.states or state in one.states)
        ]
        return min(fitting, key=lambda one: (one.key not in self.own, not one.states, one.key), default=None)

    def edition_for(self, payer: Payer, policy: Policy | None, state: str, on: date) -> tuple[Pack, Edition] | None:
        """That pack with the edition that judges the day; ``None`` when there is none for it."""
        pack = self.for_plan(payer, policy, state)
        edition = pack.edition_on(on) if pack else None
        return (pack, edition) if pack and edition else None


def shelf(rows: Iterable[RulePack] = ()) -> Shelf:
    """The packs in force; ``rows`` are the clinic's own versions, of which the last of each key counts.

    One that is withdrawn, or that cannot be read any more, leaves its place to what comes with Meridian.
    """
    own = {key: pack for key, row in latest_versions(rows).items() if (pack := pack_in(row.text)) is not None}
    return Shelf({**shipped(), **own}, frozenset(own))


@lru_cache(maxsize=256)
def pack_in(text: str) -> Pack | None:
    """The pack that a text says; ``None`` when it says none."""
    return read_pack(text)[0] if text else None


@cache
def shipped_texts() -> Mapping[str, str]:
    """The packs that come with Meridian as they were written, by key."""
    folder = files("billing.coverage") / "rule_packs"
    texts = [one.read_text(encoding="utf-8") for one in folder.iterdir() if one.name.endswith(".toml")]
    return {pack.key: text for text in texts if (pack := pack_in(text)) is not None}


@cache
def shipped() -> Mapping[str, Pack]:
    """The packs that come with Meridian, by key."""
    return {key: pack for key, text in sorted(shipped_texts().items()) if (pack := pack_in(text)) is not None}


def latest_versions(rows: Iterable[RulePack]) -> dict[str, RulePack]:
    """The version that counts of each key."""
    return {row.key: row for row in sorted(rows, key=lambda one: one.version)}
