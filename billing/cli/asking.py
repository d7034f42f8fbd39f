"""Commands that only ask: licences, explain, verify, doctor."""

from __future__ import annotations

from datetime import datetime

import click

from billing import clock
from billing.adapters.bell_celery import broker_failure
from billing.cli.console import DONE, LEFT_FOR_A_PERSON, Console, command
from billing.codes.sets.shelf import shelf_in
from billing.errors import Problem, Severity, block
from billing.operations import doctoring, explaining, schema
from billing.operations.billing_report import as_json
from billing.operations.licence_report import as_text, licence_report
from billing.operations.rule_pack_reviews import rule_pack_problems
from billing.operations.signs_of_life import life_in_words, silence_problems
from billing.operations.verifying import document_problems, examine_records
from billing.reports.code_set_standing import damaged_problems, overdue_problems

_EXPLAIN = {"claim": explaining.claim, "charge": explaining.charge, "balance": explaining.balance}


@click.command()
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), required=True, help="The day to ask about.")
@command
def licences(console: Console, on: datetime) -> int:
    """What is valid on a day, what lapses within 120 days, and what is held because of it."""
    with console.program.database.reading() as db:
        report = licence_report(db, on.date())
    console.report(report, as_text(report))
    return LEFT_FOR_A_PERSON if report["held"] else DONE


@click.command()
@click.argument("what", type=click.Choice(list(_EXPLAIN)))
@click.argument("id_", metavar="ID")
@command
def explain(console: Console, what: str, id_: str) -> int:
    """Why a claim stands where it stands, what a charge is made of, how a patient's balance came about.

    ID is a claim's control number or a session; a charge's number; a patient's id or a statement's number.
    """
    with console.program.database.reading() as db:
        lines = _EXPLAIN[what](db, id_)
    console.report({"explanation": lines}, "\n".join(lines))
    return DONE


@click.command()
@command
def verify(console: Console) -> int:
    """Check the ledger, the audit chain, signed charts, filed claims, stored documents and the schema."""
    program = console.program
    with program.database.reading() as db:
        records = examine_records(db)
    problems = [*records.problems, *document_problems(program.documents, records.documents)]
    problems += [
        block("schema.differs", difference, "Restore the last backup that verifies.")
        for difference in schema.differences(program.database)
    ]
    return _tell(console, problems, "Everything holds.")


@click.command()
@command
def doctor(console: Console) -> int:
    """Say what is wrong with this installation, and what to do about it."""
    program = console.program
    at, has_broker = clock.now(), bool(program.settings.broker_url)
    damaged = damaged_problems(program.code_folder)
    with program.database.reading() as db:
        problems = [*doctoring.disk_problems(program.settings.data), *doctoring.clinic_problems(db)]
        problems += doctoring.inbox_problems(db, program.inbox.place)
        problems += rule_pack_problems(db)
        problems += silence_problems(db, at, expected=has_broker)
        problems += damaged or overdue_problems(db, shelf_in(program.code_folder), at.date())
        life = life_in_words(db, at)
    problems += doctoring.broker_problems(broker_failure(program.settings))
    problems += doctoring.clearinghouse_problems(program.ways_to_the_clearinghouse)
    program.inbox.close()
    problems += doctoring.way_out_problems({"e-mail": program.mailer.check, "text message": program.texts.check})
    return _tell(console, problems, f"Nothing is wrong. The database is {program.database.name}. {life}".strip())


def _tell(console: Console, problems: list[Problem], fine: str) -> int:
    blocked = any(problem.severity is Severity.BLOCK for problem in problems)
    text = "\n".join(f"{one.severity} {one.rule}: {one.why} {one.fix}" for one in problems)
    console.report({"ok": not blocked, "problems": [as_json(one) for one in problems]}, text or fine)
    return LEFT_FOR_A_PERSON if blocked else DONE


COMMANDS = (licences, explain, verify, doctor)
