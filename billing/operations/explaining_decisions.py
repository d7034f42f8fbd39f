"""What payers decided about a charge, as lines of text that add up to the cent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from billing.claims.decisions import Adjusted, Decision
from billing.codes.adjustments import Effect, reason, reason_text, remark_label
from billing.ledger.accounts import kind_of
from billing.ledger.posting import Line
from billing.ledger.queries import Booked
from billing.money import text_from_cents
from billing.operations.explaining_origins import Filing, Origins, remittance_of
from billing.operations.explaining_steps import remark, step
from billing.remittances.models import Remittance

_PATIENT = "PR"
_CHECK = "CHK"


def filing_line(filing: Filing) -> str:
    """Where a charge was filed."""
    when = f"filed on {filing.sent_on}" if filing.sent_on else "put into a file that is not sent yet,"
    return remark(
        f"{when} with {filing.payer or 'a payer'}: line {filing.line} of claim {filing.claim} in the file {filing.file}"
    )


def decided_line(decision: Decision, origins: Origins) -> str:
    """Who decided, and where to read it."""
    place = origins.place_of(decision)
    who = f"{decision.decided_on} {decision.payer or 'a payer'} decided on claim {decision.claim}"
    return remark(f"{who}: {place}" if place else who)


def booked_steps(
    decision: Decision | None, entry: Booked, lines: Sequence[Line], origins: Origins, back: str
) -> Iterator[str]:
    """What an entry of a payer's decision did to a charge: what was paid, and what nobody owes any more."""
    for line in lines:
        if kind_of(line.account) == "deposit":
            paid_with = origins.remittances.get(remittance_of(line.account))
            payer = decision.payer if decision else paid_with.payer_name if paid_with else "an insurer"
            yield step(-line.cents, f"{entry.booked_on} {back}paid by {payer}{_payment_text(paid_with)}")
    given_up = sum(line.cents for line in lines if kind_of(line.account) == "adjusted")
    reasons = _given_up(decision) if decision else []
    sign = -1 if back else 1
    if sum(one.cents for one in reasons) * sign == given_up:
        for one in reasons:
            text = f"{entry.booked_on} {back}{reason_text(one.group, one.reason)}: nobody owes it"
            yield step(-one.cents * sign, text)
    elif given_up:
        said = f", of {_reasons(reasons)} as the payer gave them" if reasons else ""
        yield step(-given_up, f"{entry.booked_on} {back}adjusted{said}: nobody owes it")


def _given_up(decision: Decision) -> list[Adjusted]:
    """What a decision takes away for good: not the patient's share, not what an earlier payer took, no refusal."""
    return [
        one
        for one in decision.adjustments
        if one.group != _PATIENT and not _repeats(one) and not (decision.is_denied and _refuses(one))
    ]


def _refuses(one: Adjusted) -> bool:
    return one.group != _PATIENT and (known := reason(one.reason)) is not None and known.effect is Effect.DENIAL


def _repeats(one: Adjusted) -> bool:
    return (known := reason(one.reason)) is not None and known.effect is Effect.PRIOR_PAYER


def refusal_lines(decision: Decision) -> Iterator[str]:
    """What a payer refused, and what that means."""
    for one in filter(_refuses, decision.adjustments):
        yield remark(
            f"{decision.decided_on} refused by {decision.payer}: {reason_text(one.group, one.reason)}, "
            f"{text_from_cents(one.cents)}. It stays with the insurer until somebody corrects, appeals or gives it up."
        )
        if (known := reason(one.reason)) is not None and known.first_step:
            yield remark(f"What to do first: {known.first_step}")
    yield from (remark(f"The payer remarks: {remark_label(code)} ({code}).") for code in decision.remarks)


def unpaid_line(decision: Decision) -> str:
    """A decision that puts nothing into the books, and why."""
    return remark(f"{decision.decided_on} {decision.payer} pays nothing of it: {_reasons(decision.adjustments)}")


def passed_on(part: int, standing: Sequence[Decision]) -> Iterator[str]:
    """What a payer left to the patient, while a further payer is still to decide about it."""
    last = next((one for one in reversed(standing) if one.patients), None)
    if last is not None and not part:
        yield remark(f"{last.payer} leaves {_reasons(last.patients)} to a further insurer, who is to decide first.")


def part_text(cents: int, standing: Sequence[Decision]) -> str:
    """The reasons of the patient's part, when they add up to it: then nothing has changed it since."""
    last = next((one for one in reversed(standing) if one.patients), None)
    if last is None or sum(one.cents for one in last.patients) != cents:
        return ""
    return f": {_reasons(last.patients)}, as {last.payer} decided on {last.decided_on}"


def _payment_text(remittance: Remittance | None) -> str:
    if remittance is None:
        return ""
    how = "check" if remittance.method == _CHECK else "transfer"
    when = f" of {remittance.paid_on}" if remittance.paid_on else ""
    return f", {how} {remittance.trace_number}{when}"


def _reasons(adjustments: Iterable[Adjusted]) -> str:
    return " + ".join(f"{reason_text(one.group, one.reason)} {text_from_cents(one.cents)}" for one in adjustments)
