"""The page about the public samples says what the readers make of them today."""

from __future__ import annotations

from tests.peers.samples import samples
from tests.peers.table_of_samples import KINDS, PAGE, page


def test_the_page_about_the_samples_is_up_to_date() -> None:
    written = page()

    assert PAGE.read_text(encoding="utf-8") == written, "write it anew: python -m tests.peers.table_of_samples"


def test_every_sample_has_a_row_and_every_kind_a_name() -> None:
    files = samples()
    text = PAGE.read_text(encoding="utf-8")

    assert {path.parent.name for path in files} <= set(KINDS)
    assert [path.name for path in files if f"`{path.name}`" not in text] == []
