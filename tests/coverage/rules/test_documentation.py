"""The page about rule packs tells of every kind and window there is, and its example is read."""

from __future__ import annotations

import re
from pathlib import Path

from billing.coverage.rules.pack import RuleKind
from billing.coverage.rules.reading import RULE_FIELDS, read_pack
from billing.coverage.rules.windows import Window

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "rule-packs.md").read_text()


def test_the_example_is_a_pack_that_is_read() -> None:
    found = re.search(r"```toml\n(.*?)```", PAGE, flags=re.S)
    assert found is not None

    pack, problems = read_pack(found[1])

    assert problems == []
    assert pack is not None
    assert pack.latest.rules[0].visits == 20


def test_every_kind_window_and_field_is_told() -> None:
    told = set(re.findall(r"`([a-z_]+)`", PAGE))

    assert {str(kind) for kind in RuleKind} <= told
    assert {str(window) for window in Window} <= told
    assert {name for required, optional in RULE_FIELDS.values() for name in (*required, *optional)} <= told
