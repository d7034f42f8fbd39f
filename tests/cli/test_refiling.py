"""``meridian bill`` after a rejection: what was corrected goes anew by itself, what is named goes as it is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from click.testing import Result

from billing.claims.lifecycle import ClaimState
from tests.claims.answers.answer_texts import REJECTED, a277ca
from tests.claims.answers.hearing import file_claims
from tests.claims.office import Office
from tests.cli.conftest import Shell

SENT, WAS_REJECTED, REPLACED = ClaimState.SENT, ClaimState.REJECTED, ClaimState.REPLACED


def two_rejected(shell: Shell, clinic: Office) -> list[str]:
    """Two claims that the payer's front door has returned."""
    names = file_claims(clinic, 2)
    path = shell.data.parent / "a.277"
    path.write_bytes(a277ca([(name, REJECTED) for name in names]))
    assert shell.run("answers", path).exit_code == 1
    return names


def bill(shell: Shell, out: Path, *names: str) -> Result:
    again = [word for name in names for word in ("--refile", name)]
    return shell.run("bill", "--through", "2026-03-31", "--out", out, *again, "--json")


def told(result: Result) -> dict[str, Any]:
    report: dict[str, Any] = json.loads(result.stdout)
    return report


def test_a_corrected_record_is_all_that_billing_needs(shell: Shell, clinic: Office) -> None:
    two_rejected(shell, clinic)
    before = bill(shell, shell.out)
    clinic.edit(clinic.scene.policy, member_id="CORRECTED1")

    result = bill(shell, shell.out)

    waiting = told(before)["claims"]
    assert (before.exit_code, waiting["filed"], len(waiting["rejected"])) == (1, [], 2)
    assert (result.exit_code, len(told(result)["claims"]["filed"])) == (0, 2)
    assert clinic.states() == [REPLACED, REPLACED, SENT, SENT]
    assert len(list((shell.out / "claims").iterdir())) == 1
    assert b"CORRECTED1" in next((shell.out / "claims").iterdir()).read_bytes()


def test_every_claim_that_is_named_goes_again(shell: Shell, clinic: Office) -> None:
    names = two_rejected(shell, clinic)

    result = bill(shell, shell.out, *names)

    report = told(result)
    filed = [one["claim"] for one in report["claims"]["filed"]]
    assert (result.exit_code, result.stderr) == (0, "")
    assert clinic.states() == [REPLACED, REPLACED, SENT, SENT]
    assert not set(filed) & set(names)
    assert {path.name for path in (shell.out / "cms1500").iterdir()} == {f"{name}.pdf" for name in filed}
    assert (report["sessions_signed"], report["billed_before"], report["sessions_billed"]) == (2, 0, 2)


def test_a_file_that_was_rejected_goes_again_under_one_name(shell: Shell, clinic: Office) -> None:
    two_rejected(shell, clinic)
    (file_name,) = {one["file"] for one in told(bill(shell, shell.out))["claims"]["rejected"]}

    result = bill(shell, shell.out, file_name)

    assert (result.exit_code, len(told(result)["claims"]["filed"])) == (0, 2)
    assert clinic.states() == [REPLACED, REPLACED, SENT, SENT]


def test_rejected_claims_are_named_until_they_go_again(shell: Shell, clinic: Office) -> None:
    names = two_rejected(shell, clinic)

    text = shell.run("bill", "--through", "2026-03-31", "--out", shell.out).stdout

    assert f"2 claims are rejected, and no payer judges them: {', '.join(names)}." in text


def test_one_claim_that_cannot_go_again_stops_the_run_before_anything_is_done(shell: Shell, clinic: Office) -> None:
    good, _ = two_rejected(shell, clinic)

    result = bill(shell, shell.out, good, "MER9999999")

    assert result.exit_code == 1
    assert told(result) == {
        "error": "There is no claim MER9999999, nor a file of that name with rejected claims. Nothing was billed."
    }
    assert clinic.states() == [WAS_REJECTED, WAS_REJECTED]
    assert not shell.out.exists()


def test_a_claim_that_went_again_does_not_go_a_third_time(shell: Shell, clinic: Office) -> None:
    name, _ = two_rejected(shell, clinic)
    bill(shell, shell.out, name)

    result = bill(shell, shell.out, name)

    assert result.exit_code == 1
    assert "is replaced already" in told(result)["error"]
    assert clinic.states() == [REPLACED, WAS_REJECTED, SENT]


def test_what_was_filed_anew_can_be_verified(shell: Shell, clinic: Office) -> None:
    clinic.visit()
    bill(shell, shell.out)
    (claim,) = clinic.claims()
    path = shell.data.parent / "a.277"
    path.write_bytes(a277ca([(claim.control_number, REJECTED)]))
    shell.run("answers", path)

    bill(shell, shell.out, claim.control_number)

    assert clinic.states() == [REPLACED, SENT]
    assert shell.ask("verify") == {"ok": True, "problems": []}
