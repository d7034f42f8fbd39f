"""How a statement says things: in the words of the person who gets it, not of the trade."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from billing.charges.models import Charge
from billing.claims.decisions import Adjusted, Decision
from billing.clinic.models import Clinic
from billing.codes.adjustments import Effect, reason
from billing.codes.procedures import label_of
from billing.invoices.paid import check_word
from billing.invoices.patient_account import ChargeAccount, PatientAccount
from billing.ledger.queries import Booked
from billing.money import Money
from billing.pdf.parts import Region
from billing.pdf.statement import StatementLine

_BY = {"card": "by card", "cash": "in cash", "check": "by check"}
_ESTIMATE = (
    "If you had no insurance for a visit, or did not use it, you have the right to a good faith estimate before it. "
    "When the bill is at least $400 above that estimate you can dispute it within 120 days of the first bill: see "
    "www.cms.gov/nosurprises. Asking us first costs nothing."
)
"""45 CFR 149.610 and 149.620: good faith estimates, and disputes between patient and provider."""


def service_text(charge: Charge, region: Region) -> str:
    """What was done; in the United States with the code under which an insurer's letter names it."""
    label = label_of(charge.code)
    text = f"{label} ({charge.code})" if region is Region.US and label != charge.code else label
    return f"{text}, {charge.units} times" if charge.units > 1 else text


def why(charge: ChargeAccount, standing: Sequence[Decision], currency: str, region: Region) -> str:
    """How the patient's part of a charge came about, from what payers decided last; empty when nobody asked a payer."""
    if not any(charge.amounts):
        return "Taken back: nothing is owed for it."
    if not charge.insured:
        return ""
    sentences = []
    if charge.patient_part:
        sentences.append(_part_text(charge, standing, currency, region))
    if charge.waiting > 0:
        sentences.append(_waiting_text(standing))
    return " ".join(filter(None, sentences))


def _part_text(charge: ChargeAccount, standing: Sequence[Decision], currency: str, region: Region) -> str:
    """The patient's part by its reasons, if they add up to it: then no later payer or correction has changed it."""
    last = next((one for one in reversed(standing) if one.patients), None)
    if last is None:
        return ""
    if sum(one.cents for one in last.patients) != charge.patient_part:
        return "Your part is what your insurance left to you."
    reasons = " + ".join(f"{_reason_text(one)} {Money(one.cents, currency)}" for one in last.patients)
    return f"{last.payer} decided on {region.date_text(last.decided_on)} that your part is: {reasons}."


def _reason_text(one: Adjusted) -> str:
    known = reason(one.reason)
    if known is None:
        return f"reason {one.reason}"
    return f"your {known.label}" if known.effect is Effect.PATIENT_SHARE else known.label


def _waiting_text(standing: Sequence[Decision]) -> str:
    refusing = next((one.payer for one in standing if one.is_denied), "")
    if refusing:
        return f"{refusing} has not agreed to pay all of it. You do not owe that part now."
    if standing:
        return f"{standing[-1].payer} has decided; your other insurance is still to decide."
    return "Your insurance is still to decide."


def activity_text(entry: Booked, cents: int, reference: str, region: Region) -> str:
    """What money did: ``You paid by check 1042``. ``cents`` is what it changed of what the patient owes."""
    by = _means(entry, reference, region)
    if entry.source.startswith("reversal:"):
        verb = "A payment was taken back" if cents > 0 else "A refund was taken back"
    else:
        verb = "Given back to you" if cents > 0 else "You paid"
    return f"{verb} {by}".rstrip()


def _means(entry: Booked, reference: str, region: Region) -> str:
    methods = [line.account.partition(":")[2] for line in entry.lines if line.account.startswith("money:")]
    means = _BY.get(methods[0], "") if methods else ""
    if region is Region.UK:
        means = means.replace("check", "cheque")
    return f"{means}, {reference}" if means and reference else means or reference


def how_to_pay(account: PatientAccount, clinic: Clinic) -> str:
    """What the patient should do next."""
    if account.balance > 0:
        return f"How to pay: by card, cash or {check_word(clinic.currency)} at the desk, or call {clinic.phone}."
    if account.credit > 0:
        return f"Your credit pays for your next visits. If you would rather have it back, call {clinic.phone}."
    if account.kept > 0:
        return "There is nothing to do now. What you paid ahead pays your part of those visits once they are settled."
    return ""


def if_wrong(clinic: Clinic) -> str:
    """Whom to ask, and where to dispute."""
    by_mail = f" or write to {clinic.email}" if clinic.email else ""
    return (
        f"If something here looks wrong to you, or you want to dispute it, call {clinic.phone}{by_mail} and name the "
        "statement's number. We can walk you through every amount, back to the visit it is for."
    )


def notes(clinic: Clinic, lines: Iterable[StatementLine]) -> tuple[str, ...]:
    """What the law wants told: in the United States, how to dispute a bill that no insurer had to do with."""
    self_pay = any(line.charged.cents and not line.insured for line in lines)
    return (_ESTIMATE,) if clinic.currency == "USD" and self_pay else ()
