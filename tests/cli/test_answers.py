"""``meridian answers``: what came back, which claim it found, and 0, 1 or 2 at the end."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import pytest

from billing.claims.lifecycle import ClaimState
from tests.claims.answers.answer_texts import REJECTED, a277ca, a999, stc
from tests.claims.answers.hearing import file_claims
from tests.claims.office import Office
from tests.cli.conftest import Shell


def put(shell: Shell, name: str, content: bytes) -> Path:
    path = shell.data.parent / name
    path.write_bytes(content)
    return path


def test_answers_that_find_their_claims_end_with_0(shell: Shell, clinic: Office) -> None:
    (name,) = file_claims(clinic)
    files = [put(shell, "a.999", a999(1)), put(shell, "b.277", a277ca([(name, stc("A2:20"))]))]

    result = shell.run("answers", *files, "--json")

    report = json.loads(result.stdout)
    assert (result.exit_code, result.stderr, report["unmatched"]) == (0, "", [])
    assert [(one["file"], one["kind"], one["claim"], one["state"]) for one in report["matched"]] == [
        ("a.999", "999", name, "sent"),
        ("b.277", "277CA", name, "accepted"),
    ]
    assert {tuple(one) for one in report["matched"]} == {("file", "kind", "claim", "state", "why")}
    assert clinic.states() == [ClaimState.ACCEPTED]


def test_a_rejected_claim_ends_with_1(shell: Shell, clinic: Office) -> None:
    (name,) = file_claims(clinic)

    result = shell.run("answers", put(shell, "a.277", a277ca([(name, REJECTED)])))

    assert result.exit_code == 1
    assert f"claim {name} is rejected. 277CA A3:33" in result.stdout
    assert result.stderr == ""


def test_what_finds_no_claim_ends_with_1(shell: Shell, clinic: Office) -> None:
    result = shell.run("answers", put(shell, "a.277", a277ca([("ELSE", stc("A2:20"))])), "--json")

    report = json.loads(result.stdout)
    assert result.exit_code == 1
    assert report["matched"] == []
    assert [set(one) for one in report["unmatched"]] == [{"file", "kind", "why"}]


def test_the_bytes_of_an_answer_are_in_the_data_folder(shell: Shell, clinic: Office) -> None:
    content = b"\x00 nobody can read this"

    shell.run("answers", put(shell, "a", content))

    kept = [path.read_bytes() for path in (shell.data / "documents").rglob("*") if path.is_file()]
    assert kept == [content]


def test_answers_are_explained_with_their_claim(shell: Shell, clinic: Office) -> None:
    (name,) = file_claims(clinic)
    shell.run("answers", put(shell, "a", a999(1) + a277ca([(name, REJECTED)])))

    lines = shell.ask("explain", "claim", name)["explanation"]

    at = lines.index("Answers:")
    assert lines[at + 1] == "  2026-04-01 999 A file accepted"
    assert lines[at + 2].startswith("  2026-04-01 277CA A3:33 returned, cannot be processed: ")
    assert lines.index("History:") < at < lines.index("Charges:")


def test_a_claim_that_nobody_answered_is_explained_without_answers(shell: Shell, clinic: Office) -> None:
    (name,) = file_claims(clinic)

    assert "Answers:" not in shell.ask("explain", "claim", name)["explanation"]


@pytest.mark.parametrize("words", [(), ("nowhere.999",), (".",)], ids=["none", "not there", "a folder"])
def test_without_a_file_there_is_nothing_to_answer(shell: Shell, words: tuple[str, ...]) -> None:
    result = shell.run("answers", *words)

    assert (result.exit_code, result.stdout) == (2, "")
    assert "Usage:" in result.stderr


def test_nothing_is_taken_in_when_one_of_the_files_is_not_there(shell: Shell, clinic: Office) -> None:
    (name,) = file_claims(clinic)

    result = shell.run("answers", put(shell, "a", a277ca([(name, REJECTED)])), "nowhere.999")

    assert result.exit_code == 2
    assert clinic.states() == [ClaimState.SENT]


def test_a_file_whose_name_is_no_text_is_read(shell: Shell, clinic: Office) -> None:
    (name,) = file_claims(clinic)
    path = os.fsencode(shell.data.parent) + b"/caf\xe9.277"
    Path(os.fsdecode(path)).write_bytes(a277ca([(name, stc("A2:20"))]))

    report = shell.ask("answers", os.fsdecode(path))

    assert [one["file"] for one in report["matched"]] == ["caf?.277"]


def test_verify_finds_every_file_that_was_taken_in(shell: Shell, clinic: Office) -> None:
    clinic.visit()
    shell.run("bill", "--through", "2026-03-31", "--out", shell.out)
    (claim,) = clinic.claims()
    files = [put(shell, "a", a999(1) + a277ca([(claim.control_number, REJECTED)])), put(shell, "b", b"\x00")]
    shell.run("answers", *files)

    whole = shell.ask("verify")
    (shell.data / "documents").joinpath(*_kept_at(b"\x00")).unlink()
    broken = shell.ask("verify")

    assert whole == {"ok": True, "problems": []}
    assert not broken["ok"]


def _kept_at(content: bytes) -> tuple[str, str]:
    sha256 = hashlib.sha256(content).hexdigest()
    return sha256[:2], sha256
