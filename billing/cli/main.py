"""The program ``meridian``."""

from __future__ import annotations

import click

from billing.cli import (
    answers,
    asking,
    claims,
    codes,
    demonstrating,
    payments,
    people,
    reminding,
    remittances,
    running,
    serving,
    statements,
)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
def main() -> None:
    """Practice management and insurance billing for acupuncture clinics.

    MERIDIAN_DATA names the data folder (./data if unset); MERIDIAN_DATABASE_URL and MERIDIAN_BROKER_URL
    name a PostgreSQL database and a Redis broker instead of the embedded ones.
    """


ANSWERS = (answers.answers, remittances.remit_, claims.claim)
MONEY = (payments.payment, statements.statements)
for each in (
    *running.COMMANDS,
    *ANSWERS,
    *MONEY,
    *asking.COMMANDS,
    demonstrating.demo,
    people.user,
    codes.codes,
    serving.serve,
    reminding.remind,
):
    main.add_command(each)
