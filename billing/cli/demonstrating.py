"""The command that shows a clinic's whole way, from import to statement, on invented people."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from billing import clock
from billing.access.passwords import hashed
from billing.access.users import add_user
from billing.cli.console import DONE, Console, command
from billing.cli.remittances import take_in_payments
from billing.cli.running import bill_through, import_clinic
from billing.cli.serving import serve_desk
from billing.cli.statements import issue_statements
from billing.clinic.queries import the_clinic
from billing.money import cents_from_text, text_from_cents
from billing.operations import demo as demo_clinic
from billing.operations.answers import as_text as answers_as_text
from billing.operations.answers import read_answers
from billing.operations.billing_report import as_text as bill_as_text
from billing.operations.demo_day import let_it_run, open_the_day
from billing.operations.handing_out import STATEMENTS
from billing.operations.importing.report import as_text as import_as_text
from billing.operations.remitting import Report as PaymentReport
from billing.settings import Settings
from billing.wiring import Program, ready

ANSWERS = "answers"
"""Where the sandbox payer leaves its answers, next to the claims."""
NEXT_PAYERS = "next-payers"
"""Folder of the second billing run, so that it does not write over the first one's report."""
_PAYMENTS = ".835"


@dataclass(frozen=True, slots=True)
class Heard:
    """What the sandbox payer answered to one billing run, and what it paid."""

    answers: dict[str, Any]
    payments: PaymentReport

    def as_json(self) -> dict[str, Any]:
        """What ``meridian demo --json`` tells of it."""
        return {"answers": self.answers, "payments": self.payments.as_json()}

    def as_text(self) -> str:
        """The same for people."""
        return f"{answers_as_text(self.answers)}\n{self.payments.as_text()}"


@click.command()
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Folder for the demo's database and papers.",
)
@click.option("--once", is_flag=True, help="End when the papers are made.")
@click.option("--port", type=click.IntRange(0, 65535), help="The port to answer at; 0 takes any that is free.")
@command
def demo(console: Console, out: Path, once: bool, port: int | None) -> int:
    """Import, bill and settle the built-in demo clinic in a database of its own, inside the folder, and serve it.

    A sandbox payer answers and pays; what it leaves to further payers is billed again, and statements follow. While
    it is served the same happens by itself to what was treated since, and patients are reminded.
    """
    demo_clinic.fresh_folder(out)
    program = ready(Settings(data=out, clearinghouse="sandbox"))
    imported = import_clinic(console, program, demo_clinic.CLINIC)
    _let_people_in(program)
    billed = bill_through(console, program, demo_clinic.THROUGH, out)
    heard = _hear(console, program, out)
    next_out = out / NEXT_PAYERS
    billed_next = bill_through(console, program, demo_clinic.THROUGH, next_out)
    heard_next = _hear(console, program, next_out)
    with program.database.reading() as db:
        today = clock.today(the_clinic(db).time_zone)
    stated = issue_statements(console, program, today, out)
    report = {
        "imported": imported,
        "billed": billed,
        "heard": heard.as_json(),
        "billed_next": billed_next,
        "heard_next": heard_next.as_json(),
        "statements": stated,
    }
    told = [
        f"The demo clinic, Juniper Lane Acupuncture, was imported:\n{import_as_text(imported)}",
        f"It was billed through {billed['through']}:\n{bill_as_text(billed, out)}",
        f"A sandbox payer answered, into {out / ANSWERS}:\n{heard.as_text()}",
        f"What was left to second payers was billed in turn, into {next_out}: "
        f"{len(billed_next['claims']['filed'])} claims.\n{heard_next.as_text()}",
        _statements_text(stated, out),
        _sign_in_text(),
    ]
    console.report(report, "\n\n".join(told))
    if once:
        return DONE
    with program.database.transaction() as db:
        open_the_day(db, clock.now(), demo_clinic.PRACTITIONER_EMAIL, demo_clinic.PRACTITIONER)
    return serve_desk(console, program, port=port, first=lambda address: _let_it_run(program, address))


def _let_it_run(program: Program, address: str) -> str:
    """Switch on what happens by itself, and say what there is to see of it."""
    program.answer_at(address)
    with program.database.transaction() as db:
        bills_at = let_it_run(db, clock.now())
    outbox, owner = program.settings.outbox, demo_clinic.PEOPLE[0]
    return "\n".join(
        [
            f"Within two minutes all this happens by itself; watch it at {address}/by-itself as {owner.email}:",
            f"  patients are reminded of their visits, by files in {outbox / 'mail'} and {outbox / 'texts'}:",
            "    the link in one opens what its patient sees",
            f"  at {bills_at:%H:%M}, the clinic's time, sessions that were signed are billed, and the claims filed",
            "  the sandbox payer accepts and pays; it is posted, and what it leaves goes to the second payer",
            "  statements are made",
        ]
    )


def _let_people_in(program: Program) -> None:
    password_hash = hashed(demo_clinic.PASSWORD)
    with program.database.transaction() as db:
        for person in demo_clinic.PEOPLE:
            add_user(db, person.email, person.name, person.role, password_hash)


def _hear(console: Console, program: Program, out: Path) -> Heard:
    """Take in everything that the sandbox payer has answered next to a run's claims."""
    files = list((out / ANSWERS).iterdir()) if (out / ANSWERS).exists() else []
    payments = sorted(path for path in files if path.suffix == _PAYMENTS)
    # A 999 says that a file can be read, before a 277CA says of its claims whether they are taken on.
    others = sorted((path for path in files if path not in payments), key=lambda path: path.suffix, reverse=True)
    answers = read_answers(program.database, program.documents, others)
    return Heard(answers, take_in_payments(console, program, payments))


def _statements_text(report: dict[str, Any], out: Path) -> str:
    """How many patients were told that they owe something, and how to ask why, of the one who owes most."""
    owed = {one["patient"]: cents_from_text(one["total"]) for one in report["statements"]}
    debtors = {patient: cents for patient, cents in owed.items() if cents > 0}
    lines = [
        f"{len(owed)} patients have a statement in {out / STATEMENTS}; "
        f"{len(debtors)} of them owe {text_from_cents(sum(debtors.values()))} in all."
    ]
    if debtors:
        most = max(debtors, key=debtors.__getitem__)
        lines.append(f"How a balance came about: MERIDIAN_DATA={out} .venv/bin/meridian explain balance {most}")
    return "\n".join(lines)


def _sign_in_text() -> str:
    lines = [f"  {one.email:<42}{one.role.value.replace('_', ' ')}" for one in demo_clinic.PEOPLE]
    return "\n".join([f"Demo sign-in, each with the password: {demo_clinic.PASSWORD}", *lines])
