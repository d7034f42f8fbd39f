"""``meridian remit``: payment files go into the books or wait with their sums, and 0, 1 or 2 comes out at the end."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from billing.claims.lifecycle import ClaimState
from tests.claims.office import Office
from tests.cli.conftest import Shell
from tests.factories import DAY
from tests.remittances.books import filed, kinds
from tests.remittances.payer import Payment, answer, file_of, pays

COPAY = ({"CO-45": 15_00, "PR-3": 25_00}, {"CO-45": 10_00})
"""Of 165.00 are 115.00 paid and 25.00 the patient's."""


def put(shell: Shell, name: str, content: bytes) -> Path:
    path = shell.data.parent / name
    path.write_bytes(content)
    return path


def payment(clinic: Office, week: int = 0, **changes: Any) -> Payment:
    """A payment for a claim of its own."""
    return pays(answer(filed(clinic, DAY + timedelta(days=7 * week)), *COPAY), **changes)


def test_a_payment_that_adds_up_is_posted_and_ends_with_0(shell: Shell, clinic: Office) -> None:
    path = put(shell, "day.835", file_of(payment(clinic, trace="EFT1")))

    result = shell.run("remit", path, "--json")

    assert (result.exit_code, result.stderr) == (0, "")
    assert json.loads(result.stdout) == {
        "posted": [{"file": "day.835", "payment": "EFT1", "claims": 1, "paid": "115.00"}],
        "queued": [],
        "repeated": [],
    }
    assert clinic.states() == [ClaimState.PAID]
    assert kinds(clinic)["money:transfer"] == 115_00


def test_one_that_does_not_waits_with_its_arithmetic_and_ends_with_1(shell: Shell, clinic: Office) -> None:
    good, off = payment(clinic, trace="EFT1"), payment(clinic, 1, trace="EFT2", paid_cents=114_99)
    path = put(shell, "day.835", file_of(good, off))

    result = shell.run("remit", path, "--json")

    told = json.loads(result.stdout)
    assert (result.exit_code, result.stderr) == (1, "")
    assert [one["payment"] for one in told["posted"]] == ["EFT1"]
    assert told["queued"] == [
        {
            "file": "day.835",
            "payment": "EFT2",
            "why": "it does not balance",
            "arithmetic": "Check 114.99, but claims 115.00 - provider-level 0.00 = 115.00",
        }
    ]


def test_the_same_file_again_ends_with_0_when_all_of_it_is_in_the_books(shell: Shell, clinic: Office) -> None:
    path = put(shell, "day.835", file_of(payment(clinic, trace="EFT1")))
    shell.run("remit", path)
    before = kinds(clinic)

    result = shell.run("remit", path, path, "--json")

    assert result.exit_code == 0
    assert json.loads(result.stdout) == {
        "posted": [],
        "queued": [],
        "repeated": [{"file": "day.835", "payment": "EFT1"}] * 2,
    }
    assert kinds(clinic) == before


def test_the_same_file_again_ends_with_1_as_long_as_something_of_it_waits(shell: Shell, clinic: Office) -> None:
    path = put(shell, "day.835", file_of(payment(clinic, trace="EFT1", paid_cents=1)))
    shell.run("remit", path)

    result = shell.run("remit", path, "--json")

    assert result.exit_code == 1
    assert json.loads(result.stdout)["repeated"] == [{"file": "day.835", "payment": "EFT1"}]


def test_several_files_are_one_report(shell: Shell, clinic: Office) -> None:
    files = [put(shell, f"{week}.835", file_of(payment(clinic, week), interchange=week + 1)) for week in range(3)]

    told = shell.ask("remit", *files, put(shell, "letter.txt", b"Dear clinic"))

    assert [one["file"] for one in told["posted"]] == ["0.835", "1.835", "2.835"]
    assert [(one["file"], one["payment"]) for one in told["queued"]] == [("letter.txt", None)]


def test_people_are_told_in_lines(shell: Shell, clinic: Office) -> None:
    path = put(shell, "day.835", file_of(payment(clinic, trace="EFT1"), payment(clinic, 1, trace="EFT2", paid_cents=1)))

    result = shell.run("remit", path)

    assert result.stdout.splitlines() == [
        "day.835, payment EFT1: posted, 1 claims, 115.00",
        "day.835, payment EFT2: QUEUED. it does not balance",
        "    Check 0.01, but claims 115.00 - provider-level 0.00 = 115.00",
        "Payments: 1 posted, 0 repeated, 1 left for a person.",
    ]
    assert result.stderr == ""


def test_the_file_and_its_acknowledgement_are_in_the_data_folder(shell: Shell, clinic: Office) -> None:
    content = file_of(payment(clinic))

    shell.run("remit", put(shell, "day.835", content))
    shell.run("remit", put(shell, "day.835", content))

    kept = [path.read_bytes() for path in (shell.data / "documents").rglob("*") if path.is_file()]
    assert content in kept
    assert [path.suffix for path in shell.data.rglob("acknowledgements/*") if path.is_file()] == [".999"]


def test_an_acknowledgement_that_cannot_be_handed_over_is_told_and_ends_with_1(shell: Shell, clinic: Office) -> None:
    outbox = shell.data / "outbox"
    outbox.parent.mkdir(exist_ok=True)
    outbox.write_text("in the way")
    path = put(shell, "day.835", file_of(payment(clinic)))

    result = shell.run("remit", path, "--json")

    told = json.loads(result.stdout)
    assert result.exit_code == 1
    assert (len(told["posted"]), len(told["failures"])) == (1, 1)


def test_verify_holds_after_payments(shell: Shell, clinic: Office) -> None:
    clinic.visit()
    shell.run("bill", "--through", "2026-03-31", "--out", shell.out)
    (sent,) = (shell.out / "claims").glob("*.837")
    claim = clinic.claims()[0]
    clinic.clearinghouse.received.append((sent.name, sent.read_bytes()))
    made = answer(clinic.received()[claim.control_number], *COPAY)
    shell.run("remit", put(shell, "day.835", file_of(pays(made))), put(shell, "letter", b"Dear clinic"))

    assert shell.ask("verify") == {"ok": True, "problems": []}
    assert clinic.states() == [ClaimState.PAID]


@pytest.mark.parametrize("words", [(), ("nowhere.835",), (".",)], ids=["none", "not there", "a folder"])
def test_without_a_file_there_is_nothing_to_take_in(shell: Shell, words: tuple[str, ...]) -> None:
    result = shell.run("remit", *words)

    assert (result.exit_code, result.stdout) == (2, "")
    assert "Usage:" in result.stderr


def test_nothing_is_posted_when_one_of_the_files_is_not_there(shell: Shell, clinic: Office) -> None:
    result = shell.run("remit", put(shell, "day.835", file_of(payment(clinic))), "nowhere.835")

    assert result.exit_code == 2
    assert clinic.states() == [ClaimState.SENT]


def test_a_payment_that_comes_before_the_clinic_waits(shell: Shell, clinic: Office, tmp_path: Path) -> None:
    path = put(shell, "day.835", file_of(payment(clinic, trace="EFT1")))
    other = Shell(tmp_path / "other", shell.database, {"MERIDIAN_DATA": str(tmp_path / "other")})

    result = other.run("remit", path, "--json")

    (told,) = json.loads(result.stdout)["queued"]
    assert result.exit_code == 1
    assert told["why"].endswith("is not a claim of ours")


def test_a_file_whose_name_is_no_text_is_read(shell: Shell, clinic: Office) -> None:
    path = os.fsencode(shell.data.parent) + b"/caf\xe9.835"
    Path(os.fsdecode(path)).write_bytes(file_of(payment(clinic)))

    told = shell.ask("remit", os.fsdecode(path))

    assert [one["file"] for one in told["posted"]] == ["caf?.835"]
