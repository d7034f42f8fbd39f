"""The whole way by command: a clinic is imported, billed, answered, paid, and tells its patients what they owe.

The sandbox payer answers. The journey is made once on each kind of database, and each promise is then looked for in
what the commands said and left.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pdfplumber
import pytest

from billing.database import Database
from billing.money import cents_from_text
from billing.operations.demo import CLINIC, THROUGH
from tests.cli.conftest import Shell
from tests.servers import PostgresqlServer

LATER = "2030-12-31"
"""A day by which every payment is in the books, whenever the tests run."""


@dataclass
class Journey:
    """What each step said."""

    shell: Shell
    imported: dict[str, Any]
    billed: dict[str, Any]
    answered: dict[str, Any]
    paid: dict[str, Any]
    billed_again: dict[str, Any]
    answered_again: dict[str, Any]
    paid_again: dict[str, Any]
    stated: dict[str, Any]

    @property
    def claims(self) -> set[str]:
        """The claims that were filed, with those on later payers."""
        return {one["claim"] for report in (self.billed, self.billed_again) for one in report["claims"]["filed"]}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def journey(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journey]:
    """The journey, made once on each kind of database."""
    folder = tmp_path_factory.mktemp("journey")
    url = f"sqlite:///{folder / 'data' / 'meridian.sqlite3'}"
    if request.param == "postgresql":
        url = _postgresql_url(request)
    environment = {
        "MERIDIAN_DATA": str(folder / "data"),
        "MERIDIAN_DATABASE_URL": url,
        "MERIDIAN_CLEARINGHOUSE": "sandbox",
    }
    (folder / "data").mkdir()
    database = Database(url)
    yield _made(Shell(folder / "data", database, environment))
    database.close()


def _postgresql_url(request: pytest.FixtureRequest) -> str:
    server: PostgresqlServer = request.getfixturevalue("postgresql_server")
    with server.connect() as admin:
        admin.execute("CREATE DATABASE journey")
    return server.url("journey")


def _made(shell: Shell) -> Journey:
    imported = shell.ask("import", CLINIC)
    billed = shell.ask("bill", "--through", THROUGH, "--out", shell.out)
    answered, paid = _hear(shell, known=set())
    known = _answers(shell)
    billed_again = shell.ask("bill", "--through", THROUGH, "--out", shell.out)
    answered_again, paid_again = _hear(shell, known)
    stated = shell.ask("statements", "--on", LATER, "--out", shell.out)
    return Journey(shell, imported, billed, answered, paid, billed_again, answered_again, paid_again, stated)


def _answers(shell: Shell) -> set[Path]:
    return set((shell.out / "answers").iterdir())


def _hear(shell: Shell, known: set[Path]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Take in what the payer has answered since."""
    new = sorted(_answers(shell) - known)
    payments = [path for path in new if path.suffix == ".835"]
    return shell.ask("answers", *(path for path in new if path not in payments)), shell.ask("remit", *payments)


def _owed(shell: Shell, patient: str) -> int:
    """What the explanation of a patient's balance ends in, in cents."""
    lines = shell.ask("explain", "balance", patient)["explanation"]
    (last,) = [line for line in lines if line.endswith("the patient owes")]
    return cents_from_text(last.removeprefix("=").split()[0])


def test_each_filed_claim_is_answered_and_each_answer_finds_its_claim(journey: Journey) -> None:
    answered = {one["claim"] for report in (journey.answered, journey.answered_again) for one in report["matched"]}

    assert answered == journey.claims
    assert journey.answered["unmatched"] == journey.answered_again["unmatched"] == []


def test_each_payment_balances_and_is_posted(journey: Journey) -> None:
    assert journey.paid["posted"] != []
    assert journey.paid_again["posted"] != []
    assert journey.paid["queued"] == journey.paid_again["queued"] == []


def test_what_the_first_payer_left_goes_to_the_second(journey: Journey) -> None:
    sessions = {session for one in journey.billed_again["claims"]["filed"] for session in one["sessions"]}

    assert sessions
    assert {one["payer"] for one in journey.billed_again["claims"]["filed"]} == {"SADDLE"}
    assert sessions <= {session for one in journey.billed["claims"]["filed"] for session in one["sessions"]}


def test_everything_again_changes_nothing(journey: Journey) -> None:
    shell = journey.shell
    posted = len(journey.paid["posted"]) + len(journey.paid_again["posted"])

    answered, paid = _hear(shell, known=set())
    billed = shell.ask("bill", "--through", THROUGH, "--out", shell.out)
    stated = shell.ask("statements", "--on", LATER, "--out", shell.out)

    assert all("said before" in one["why"] for one in answered["matched"])
    assert (paid["posted"], paid["queued"], len(paid["repeated"])) == ([], [], posted)
    assert billed["claims"]["filed"] == []
    assert (stated["issued"], stated["statements"]) == (0, journey.stated["statements"])


def test_each_statement_is_explained_to_the_cent(journey: Journey) -> None:
    stated = {one["patient"]: cents_from_text(one["total"]) for one in journey.stated["statements"]}

    assert len(stated) > 30
    assert {patient: _owed(journey.shell, patient) for patient in stated} == stated


def test_each_explanation_begins_with_a_signed_note(journey: Journey) -> None:
    for one in journey.stated["statements"]:
        text = "\n".join(journey.shell.ask("explain", "balance", one["patient"])["explanation"])
        sessions = re.split(r"^Session ", text, flags=re.MULTILINE)[1:]

        assert sessions
        assert all("signed by" in session for session in sessions if "Charge " in session)


def test_each_statement_lies_in_the_folder_and_prints_its_total(journey: Journey) -> None:
    for one in journey.stated["statements"]:
        with pdfplumber.open(journey.shell.out / one["file"]) as paper:
            text = "".join(page.extract_text() for page in paper.pages)

        assert one["statement"] in text
        assert one["total"].lstrip("-") in text


def test_everything_holds_at_the_end(journey: Journey) -> None:
    result = journey.shell.run("verify")

    assert (result.exit_code, result.stdout) == (0, "Everything holds.\n")
