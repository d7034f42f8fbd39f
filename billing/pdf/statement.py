"""The statement: what a patient owes on a day, why, since when, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from billing.money import Money
from billing.pdf.page import amount_text
from billing.pdf.paper import Column, Fact, Paper, column_width
from billing.pdf.parts import Letterhead, Party, total_of

AGES = ("0 to 30 days", "31 to 60 days", "61 to 90 days", "Over 90 days")
"""How long an amount has been the patient's."""
_DATE, _AMOUNT, _NARROW = 72.0, 76.0, 50.0
_NOTHING = "\u2013"


@dataclass(frozen=True, slots=True)
class StatementLine:
    """Where one charge stands. Amounts are those of its whole life, not of the period alone."""

    date_of_service: date
    service: str
    charged: Money
    your_part: Money
    """What is left of the charge for the patient: less what insurers paid, took off, or are still to decide."""
    you_paid: Money
    insurance_paid: Money
    adjusted: Money
    """What nobody owes any more."""
    waiting: Money
    """What insurers are still to decide."""
    insured: bool = False
    why: str = ""
    """How it came to the patient's part, in a sentence; empty when it explains itself."""

    @property
    def left(self) -> Money:
        """What the patient still owes of it; below zero it is overpaid."""
        return self.your_part - self.you_paid


@dataclass(frozen=True, slots=True)
class Activity:
    """One event of the period; above zero it adds to what is owed."""

    on: date
    what: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Statement:
    """All that a statement prints. What is owed is the sum of its parts and cannot be given differently."""

    number: str
    issued_on: date
    letterhead: Letterhead
    patient: Party
    period_from: date
    opening: Money
    """What was owed on the statement before; zero on the first."""
    opening_text: str
    new_part: Money
    """What became the patient's part of charges in the period."""
    activities: tuple[Activity, ...]
    """Payments, refunds and the like in the period."""
    lines: tuple[StatementLine, ...]
    """The charges that moved in the period or of which something is left."""
    kept: Money
    """What the patient paid for visits that are not settled yet."""
    credit: Money
    """Other money of the patient that pays no charge yet; below zero something is owed beside the charges."""
    ages: tuple[Money, Money, Money, Money]
    """What is left of the charges, by :data:`AGES`; overpaid ones are not counted in."""
    waiting: Money
    """What insurers are still to decide, of all charges."""
    currency: str = "USD"
    due_on: date | None = None
    """``None`` when nothing is to be paid."""
    how_to_pay: str = ""
    if_wrong: str = ""
    """Whom to ask, and how to dispute."""
    notes: tuple[str, ...] = ()
    """Small print, a paragraph each."""

    @property
    def left(self) -> Money:
        """What is left of the charges, overpaid ones counted against the others."""
        return total_of([line.left for line in self.lines], self.currency)

    @property
    def total(self) -> Money:
        """What the patient owes; below zero it is credit."""
        return self.left - self.kept - self.credit

    @property
    def other_changes(self) -> Money:
        """What changed since the statement before, and is neither a part of a charge nor listed."""
        listed = total_of([one.amount for one in self.activities], self.currency)
        return self.total - self.opening - self.new_part - listed

    @property
    def insured(self) -> bool:
        """Whether insurers have to do with any of the charges."""
        return any(line.insured for line in self.lines)


def render_statement(statement: Statement) -> bytes:
    """The statement as a PDF."""
    paper = Paper(statement.letterhead, "Statement", statement.number)
    paper.facts(_facts(statement))
    paper.callout(_headline(statement), statement.how_to_pay)
    columns = [Column("Date", _DATE), Column("What"), Column("Amount", _AMOUNT, right=True)]
    paper.table(columns, _changes(statement), heading="What changed")
    if statement.lines:
        _draw_lines(paper, statement)
    paper.totals(_sums(statement), _result(statement))
    if any(age.cents for age in statement.ages):
        columns = [Column(""), *(Column(title, 84, right=True) for title in AGES)]
        paper.table(columns, [("Left to pay", *_cells(statement.ages))], heading="Since when it is yours to pay")
    paper.note(_legend(statement), statement.if_wrong, *statement.notes)
    return paper.finish()


def _facts(statement: Statement) -> list[list[Fact]]:
    day = statement.letterhead.region.date_text
    due = day(statement.due_on) if statement.due_on else ""
    period = f"{day(statement.period_from)} to {day(statement.issued_on)}"
    return [
        [Fact("Patient", (statement.patient.name, *statement.patient.address))],
        [Fact("Statement date", (day(statement.issued_on),)), Fact("Period", (period,))],
        [Fact(_result(statement)[0], (_result(statement)[1],)), Fact("Due on", (due,))],
    ]


def _headline(statement: Statement) -> str:
    total = statement.total
    if total.cents < 0 and statement.credit.cents <= 0:
        return f"You owe nothing now. You have paid {amount_text(-total)} ahead."
    if total.cents < 0 and statement.kept.cents > 0:
        ahead = f"and have paid {amount_text(statement.kept)} ahead"
        return f"You owe nothing. You have a credit of {amount_text(statement.credit)}, {ahead}."
    if total.cents < 0:
        return f"You owe nothing. You have a credit of {amount_text(-total)}."
    if total.cents == 0 and statement.waiting.cents > 0:
        return f"You owe nothing now. Your insurance is still to decide about {amount_text(statement.waiting)}."
    if total.cents == 0:
        return "You owe nothing. Please keep this for your records."
    due = f" by {statement.letterhead.region.date_text(statement.due_on)}" if statement.due_on else ""
    return f"You owe {amount_text(total)}. Please pay it{due}."


def _changes(statement: Statement) -> list[tuple[str, str, str]]:
    """From the balance before to the balance now, so that a reader can add it up."""
    day = statement.letterhead.region.date_text
    rows = [("", statement.opening_text, amount_text(statement.opening))]
    if statement.new_part.cents:
        rows.append(("", "Your part of visits, new in this period", amount_text(statement.new_part)))
    rows += [(day(one.on), one.what, amount_text(one.amount)) for one in statement.activities]
    if statement.other_changes.cents:
        rows.append(("", "Corrections", amount_text(statement.other_changes)))
    return [*rows, (day(statement.issued_on), "Balance now", amount_text(statement.total))]


def _draw_lines(paper: Paper, statement: Statement) -> None:
    """The charges, with no more columns than have anything to say."""
    amounts = [_amounts(statement, line) for line in statement.lines]
    widest = max(column_width(amount) for row in amounts for amount in row)
    paper.table(
        [Column("Service"), *_amount_columns(statement, widest)],
        [(line.service, *row) for line, row in zip(statement.lines, amounts, strict=True)],
        heading="Your visits, charge by charge",
        above=_visit_titles(statement),
        below=[line.why for line in statement.lines],
    )


def _visit_titles(statement: Statement) -> list[str]:
    """The date of service above the first charge of each day."""
    day = statement.letterhead.region.date_text
    dates = [line.date_of_service for line in statement.lines]
    return [f"Visit of {day(on)}" if place == 0 or on != dates[place - 1] else "" for place, on in enumerate(dates)]


def _amount_columns(statement: Statement, widest: float) -> list[Column]:
    titles = ["Charged", "You paid", "Left to pay"]
    if statement.insured:
        titles[1:1] = ["Paid by insurance", "Adjusted", "Waiting for insurance", "Your part"]
    elif _is_adjusted(statement):
        titles[1:1] = ["Taken off", "Your part"]
    width = max(widest, _NARROW if statement.insured else _AMOUNT)
    return [Column(title, width, right=True) for title in titles]


def _amounts(statement: Statement, line: StatementLine) -> tuple[str, ...]:
    taken_off = -line.adjusted
    between: tuple[Money, ...] = ()
    if statement.insured:
        between = (-line.insurance_paid, taken_off, -line.waiting, line.your_part)
    elif _is_adjusted(statement):
        between = (taken_off, line.your_part)
    return (*_cells((line.charged, *between, -line.you_paid)), amount_text(line.left))


def _is_adjusted(statement: Statement) -> bool:
    return any(line.adjusted.cents for line in statement.lines)


def _cells(amounts: tuple[Money, ...]) -> tuple[str, ...]:
    return tuple(amount_text(amount) if amount.cents else _NOTHING for amount in amounts)


def _sums(statement: Statement) -> list[tuple[str, str]]:
    """From what is left of the charges to what is owed; nothing when they are the same."""
    steps = [
        ("Paid ahead for visits not settled yet", -statement.kept),
        ("Credit not used yet" if statement.credit.cents > 0 else "Owed besides the visits", -statement.credit),
    ]
    rows = [(label, amount_text(amount)) for label, amount in steps if amount.cents]
    return [("Left to pay of the visits", amount_text(statement.left)), *rows] if rows else []


def _result(statement: Statement) -> tuple[str, str]:
    total = statement.total
    if total.cents < 0 and statement.credit.cents > 0:
        return ("Your money with us" if statement.kept.cents > 0 else "Your credit"), amount_text(-total)
    if total.cents < 0:
        return "Paid ahead", amount_text(-total)
    return ("You owe" if total.cents else "Nothing to pay"), amount_text(total)


def _legend(statement: Statement) -> str:
    """What the columns mean."""
    if not statement.insured:
        return ""
    in_all = f", {amount_text(statement.waiting)} in all," if statement.waiting.cents > 0 else ""
    return (
        "How to read a line: charged, less paid by insurance, less adjusted, less waiting for insurance, is your part. "
        "Adjusted is what nobody owes, mostly because your insurance and we agreed on a lower price. What waits for "
        f"insurance{in_all} you do not owe now."
    )
