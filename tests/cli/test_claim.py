"""``meridian claim arrived|missed``: a person says what became of a file, and why they know."""

from __future__ import annotations

import pytest

from billing.claims.lifecycle import ClaimEvent, ClaimState
from billing.claims.models import Claim
from billing.errors import OutcomeUnknown
from tests.claims.office import Office
from tests.cli.conftest import Shell
from tests.factories import DAY


def lost(clinic: Office) -> Claim:
    """A claim of which nobody knows whether it arrived."""
    session = clinic.visit(DAY)
    clinic.clearinghouse.failure = OutcomeUnknown("The line went dead.")
    clinic.bill()
    clinic.clearinghouse.failure = None
    return clinic.claim(session)


def test_a_claim_that_arrived_is_sent_and_the_reason_stands_in_its_history(shell: Shell, clinic: Office) -> None:
    claim = lost(clinic)

    told = shell.ask("claim", "arrived", claim.control_number, "--why", "their portal shows it")

    last = clinic.moves(claim)[-1]
    assert told == {
        "claim": claim.control_number, "state": "sent", "file": "20260331-000000001.837", "claims": 1,
    }  # fmt: skip
    assert clinic.states() == [ClaimState.SENT]
    assert (last.event, last.by, last.why) == (ClaimEvent.FOUND, "command:claim", "their portal shows it")


def test_a_claim_that_was_missed_goes_with_the_next_billing_in_the_same_file(shell: Shell, clinic: Office) -> None:
    claim = lost(clinic)

    result = shell.run("claim", "missed", claim.control_number, "--why", "they have nothing")
    waiting = clinic.states()
    clinic.bill()

    assert (result.exit_code, waiting) == (0, [ClaimState.READY])
    assert "20260331-000000001.837 did not arrive: 1 claim is ready." in result.stdout
    assert clinic.states() == [ClaimState.SENT]
    assert [name for name, _ in clinic.clearinghouse.received] == ["20260331-000000001.837"]


def test_each_is_in_the_audit_trail_under_the_claim(shell: Shell, clinic: Office) -> None:
    claim = lost(clinic)

    shell.run("claim", "arrived", claim.control_number, "--why", "their portal shows it")

    with shell.database.reading() as db:
        rows = db.connection().exec_driver_sql("SELECT actor_id, action, subject_kind, subject_id FROM audit_entry")
        assert tuple(rows.all()[-1]) == ("claim", "claim said to have arrived", "claim", str(claim.id))


@pytest.mark.parametrize(
    ("number", "why", "words"),
    [("MER9999999", "portal", "There is no claim MER9999999"), ("", "portal", "is sent"), ("", "  ", "reason")],
)
def test_what_cannot_be_said_is_refused_and_changes_nothing(
    shell: Shell, clinic: Office, number: str, why: str, words: str
) -> None:
    session = clinic.visit(DAY)
    clinic.bill()
    claim = clinic.claim(session)

    result = shell.run("claim", "missed", number or claim.control_number, "--why", why)

    assert result.exit_code == 1
    assert words in result.stderr
    assert clinic.states() == [ClaimState.SENT]


def test_a_reason_has_to_be_given(shell: Shell, clinic: Office) -> None:
    claim = lost(clinic)

    result = shell.run("claim", "arrived", claim.control_number)

    assert result.exit_code == 2
    assert "--why" in result.stderr
    assert clinic.states() == [ClaimState.UNKNOWN]
