"""Commands about money from patients: taking it, giving it back, listing it, receipts for it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import click

from billing import clock
from billing.audit.recording import Actor, ActorKind, Fact, Subject, record
from billing.audit.sealing import seal
from billing.cli.console import DONE, LEFT_FOR_A_PERSON, Console, command
from billing.clinic.queries import the_clinic
from billing.database import Db
from billing.documents.keeping import document_of, note_handed_out
from billing.identifiers import own_number
from billing.invoices.drawing import OWNER, papers_route
from billing.invoices.models import Paper, PaperKind
from billing.invoices.receipt_issuing import payment_receipt, refund_receipt
from billing.money import cents_from_text
from billing.operations.handing_out import RECEIPTS, hand_out, make_folders, papers_of
from billing.operations.payment_report import (
    account_report,
    payment_report,
    payment_text,
    refund_report,
    refund_text,
    standing_text,
)
from billing.patients.queries import patient_named
from billing.payments.judging import LONGEST_REFERENCE, refuse_any, text_problems
from billing.payments.models import Payment, PaymentMethod
from billing.payments.queries import refunds_of, standing_payment
from billing.payments.refunding import refund as give_back
from billing.payments.taking import take_payment
from billing.relay import relay

_BY = Actor(ActorKind.COMMAND, "payment")
_BELOW_ZERO = re.compile(r"-[0-9.,]*[0-9]")


class _AboutMoney(click.Command):
    """A command with an amount: one below zero is a wrong amount, and not an option that nobody knows."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """What click makes of the words, after looking for such an amount."""
        for before, word in pairwise(["", *args]):
            if _BELOW_ZERO.fullmatch(word) and not before.startswith("--"):
                raise click.UsageError(f"{word} is below zero: write an amount like 165.00.", ctx)
        return super().parse_args(ctx, args)


def _cents(_context: click.Context, _parameter: click.Parameter, text: str) -> int:
    try:
        return cents_from_text(text)
    except ValueError:
        raise click.BadParameter("Write it like 165.00: no more than two decimals, and no commas.") from None


def _number(_context: click.Context, _parameter: click.Parameter, text: str) -> int:
    number = own_number(text)
    if number is None:
        raise click.BadParameter("A payment or a charge is named by its number, such as 17.")
    return number


def _numbers(context: click.Context, parameter: click.Parameter, texts: tuple[str, ...]) -> tuple[int, ...]:
    return tuple(_number(context, parameter, text) for text in texts)


_amount = click.argument("cents", metavar="AMOUNT", callback=_cents)
_payment = click.argument("payment_id", metavar="PAYMENT", callback=_number)
_on = click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="The day it changed hands; today if left out.")
_reference = click.option("--reference", metavar="TEXT", help="A check's number, or a card's brand and last 4 digits.")
_out = click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Folder for a receipt.")


@click.group()
def payment() -> None:
    """Money from patients: take it, give it back, and write receipts."""


@payment.command(cls=_AboutMoney)
@click.argument("patient", metavar="PATIENT")
@_amount
@click.option("--method", type=click.Choice([one.value for one in PaymentMethod]), required=True)
@_on
@_reference
@click.option(
    "--charge", "charges", metavar="ID", multiple=True, callback=_numbers, help="Pay this charge first; repeatable."
)
@click.option("--key", metavar="TEXT", help="Your own name for this payment: said again, it is booked only once.")
@_out
@command
def take(
    console: Console,
    patient: str,
    cents: int,
    method: str,
    on: datetime | None,
    reference: str | None,
    charges: tuple[int, ...],
    key: str | None,
    out: Path | None,
) -> int:
    """Book money from a patient.

    PATIENT is the old system's id or our own. The money pays the charges named, then the oldest ones; what is left
    is the patient's credit. Without --key the same command twice is two payments.
    """
    if key is not None:
        refuse_any(text_problems("key", key, LONGEST_REFERENCE))
    source = None if key is None else f"key:{key}"
    _prepare(out)
    at = clock.now()
    with console.program.database.transaction() as db:
        who = patient_named(db, patient)
        repeated = source is not None and standing_payment(db, source) is not None
        received_on = _day(db, on, at)
        made = take_payment(db, who.id, cents, PaymentMethod(method), received_on, reference, charges, source, at=at)
        receipts = [payment_receipt(db, made.id, at)] if out else []
        if not repeated:
            _note(db, "payment taken", "payment", made.id, {"patient": who.id, "cents": cents}, at)
        told = {**payment_report(db, made), "repeated": repeated}
    return _finish(console, told, _with_standing(payment_text(told), told), receipts, out)


@payment.command(cls=_AboutMoney)
@_payment
@_amount
@click.option("--why", metavar="TEXT", required=True, help="The reason, for the records.")
@_on
@_reference
@_out
@command
def refund(
    console: Console,
    payment_id: int,
    cents: int,
    why: str,
    on: datetime | None,
    reference: str | None,
    out: Path | None,
) -> int:
    """Give money back, by the method it came by.

    PAYMENT is its number as "payment list" shows it. Part of it or all can be given back, as far as it is free: not
    what pays for services. The same refund (payment, amount, day and reason) is made once.
    """
    _prepare(out)
    at = clock.now()
    with console.program.database.transaction() as db:
        refunded_on = _day(db, on, at)
        earlier = {one.id for one in refunds_of(db, [payment_id])[payment_id]}
        made = give_back(db, payment_id, cents, why, refunded_on, reference, at=at)
        receipts = [refund_receipt(db, made.id, at)] if out else []
        if made.id not in earlier:
            _note(db, "payment refunded", "payment", payment_id, {"refund": made.id, "cents": cents}, at)
        told = {**refund_report(db, made), "repeated": made.id in earlier}
    return _finish(console, told, _with_standing(refund_text(told), told), receipts, out)


@payment.command("list")
@click.argument("patient", metavar="PATIENT")
@command
def list_(console: Console, patient: str) -> int:
    """Show payments and what they pay for.

    PATIENT is the old system's id or our own. Also told: what is owed, what is credit, and what is kept for sessions
    that are not settled.
    """
    with console.program.database.transaction() as db:
        who = patient_named(db, patient)
        _note(db, "payments viewed", "patient", who.id, {}, clock.now())
        told = account_report(db, who)
    lines = [payment_text(one) for one in told["payments"]]
    console.report(told, "\n".join([*lines, standing_text(told["account"])]))
    return DONE


@payment.command()
@_payment
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True, help="Folder for the receipts.")
@command
def receipt(console: Console, payment_id: int, out: Path) -> int:
    """Write the receipts of a payment.

    PAYMENT is its number as "payment list" shows it. There is one receipt for the money that came and one for each
    refund; each is issued once and is the same ever after.
    """
    _prepare(out)
    at = clock.now()
    with console.program.database.transaction() as db:
        receipts = [payment_receipt(db, payment_id, at)]
        receipts += [refund_receipt(db, one.id, at) for one in refunds_of(db, [payment_id])[payment_id]]
        _note(db, "receipt written", "payment", payment_id, {"receipts": len(receipts)}, at)
        told = payment_report(db, db.get_one(Payment, payment_id))
    return _finish(console, told, payment_text(told), receipts, out)


def _prepare(out: Path | None) -> None:
    """See that the receipt can be written before any money is booked."""
    if out:
        make_folders(out, [RECEIPTS])


def _day(db: Db, on: datetime | None, at: datetime) -> date:
    return on.date() if on else clock.local(at, the_clinic(db).time_zone).date()


def _note(db: Db, action: str, kind: str, number: int, detail: dict[str, Fact], at: datetime) -> None:
    record(db, _BY, action, Subject(kind, str(number)), at, detail)
    seal(db, 1000)


def _with_standing(text: str, told: dict[str, Any]) -> str:
    repeated = "\nThis was booked before; nothing was booked now." if told["repeated"] else ""
    return f"{text}{repeated}\n{standing_text(told['account'])}"


def _finish(console: Console, told: dict[str, Any], text: str, receipts: Sequence[Paper], out: Path | None) -> int:
    """Draw the receipts that were issued, leave them in the folder, and report."""
    if out is None:
        console.report(told, text)
        return DONE
    program = console.program
    drawn = relay(program.database, papers_route(program.documents))
    if failures := list(dict.fromkeys(str(one.failure) for one in drawn if one.failure)):
        console.report({**told, "files": [], "failures": failures}, "\n".join([text, *failures]))
        return LEFT_FOR_A_PERSON
    with program.database.reading() as db:
        documents = [document_of(db, OWNER, one.id, PaperKind.RECEIPT).id for one in receipts]
        papers = papers_of(db, documents)
    hand_out(out, papers, program.documents)
    with program.database.transaction() as db:
        note_handed_out(db, documents, clock.now())
    files = [f"{one.folder}/{one.file_name}" for one in papers]
    lines = [f"Receipt {out / file}" for file in files]
    console.report({**told, "files": files, "failures": []}, "\n".join([text, *lines]))
    return DONE
