"""With ``MERIDIAN_CLEARINGHOUSE=sandbox`` a clinic can practise the whole way from a claim to its money."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from billing.claims.lifecycle import ClaimState
from tests.claims.office import Office
from tests.cli.conftest import Shell

BILL = ("bill", "--through", "2026-03-31", "--out")
VISITS = 12


@pytest.fixture
def practice(shell: Shell, clinic: Office) -> Shell:
    """A shell with the sandbox payer behind it, and a dozen visits to bill."""
    shell.environment |= {"MERIDIAN_CLEARINGHOUSE": "sandbox", "MERIDIAN_SANDBOX_SEED": "a lesson"}
    with clinic.database.transaction() as db:
        # The sandbox draws what it answers from the number, too.
        db.merge(clinic.scene.payer).payer_number = "FIRST"
    for week in range(VISITS):
        clinic.visit(date(2026, 1, 5) + timedelta(days=7 * week))
    return shell


def answers(out: Path, *endings: str) -> list[Path]:
    return [path for path in sorted((out / "answers").iterdir()) if path.suffix in endings]


def test_claims_are_answered_in_a_folder_next_to_them(practice: Shell) -> None:
    practice.run(*BILL, practice.out)

    (file,) = (practice.out / "claims").iterdir()
    assert [path.name for path in answers(practice.out, ".999", ".277", ".835")] == [
        f"{file.stem}{ending}" for ending in (".277", ".835", ".999")
    ]


def test_the_answers_move_every_claim_and_the_payment_is_posted_whole(practice: Shell, clinic: Office) -> None:
    practice.run(*BILL, practice.out)

    heard = practice.ask("answers", *answers(practice.out, ".999", ".277"))
    states = set(clinic.states())
    posted = practice.ask("remit", *answers(practice.out, ".835"))

    assert heard["unmatched"] == []
    assert len(heard["matched"]) == 2 * VISITS
    assert states <= {ClaimState.ACCEPTED, ClaimState.REJECTED}
    assert len(posted["posted"]) == 1
    assert (posted["queued"], posted["repeated"]) == ([], [])
    assert not {ClaimState.SENT, ClaimState.ACCEPTED} & set(clinic.states())
    assert practice.run("verify").exit_code == 0


def test_a_payment_read_again_changes_nothing(practice: Shell) -> None:
    practice.run(*BILL, practice.out)
    practice.ask("remit", *answers(practice.out, ".835"))

    again = practice.ask("remit", *answers(practice.out, ".835"))

    assert (again["posted"], again["queued"], len(again["repeated"])) == ([], [], 1)
    assert practice.run("verify").exit_code == 0


def test_our_acknowledgement_of_a_payment_is_taken_in_without_an_answer(practice: Shell) -> None:
    practice.run(*BILL, practice.out)

    practice.run("remit", *answers(practice.out, ".835"))

    outbox = practice.data / "outbox"
    assert [path.suffix for path in (outbox / "acknowledgements").iterdir()] == [".999"]
    assert not (outbox / "answers").exists()


def test_the_payer_remembers_wherever_the_next_files_are_put(practice: Shell, clinic: Office) -> None:
    practice.run(*BILL, practice.out)
    (first,) = (practice.data / "payer").iterdir()
    clinic.visit(date(2026, 4, 6))

    practice.run("bill", "--through", "2026-04-30", "--out", practice.out / "april")

    (april,) = answers(practice.out / "april", ".835")
    assert {path.name for path in (practice.data / "payer").iterdir()} == {first.name, april.name}


def test_without_the_sandbox_nobody_answers(shell: Shell, clinic: Office) -> None:
    clinic.visit()

    shell.run(*BILL, shell.out)

    assert len(list((shell.out / "claims").iterdir())) == 1
    assert not (shell.out / "answers").exists()


def test_a_clearinghouse_nobody_knows_is_refused_by_name(shell: Shell, clinic: Office) -> None:
    shell.environment["MERIDIAN_CLEARINGHOUSE"] = "pigeon"

    result = shell.run(*BILL, shell.out)

    assert result.exit_code == 1
    assert "MERIDIAN_CLEARINGHOUSE" in result.stderr
    assert not shell.out.exists()
