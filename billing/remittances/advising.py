"""Why a payment waits, said shortly, and what a person can do about it. Pure."""

from __future__ import annotations

import re

_ABOUT_A_CLAIM = re.compile(r"claim \d+ \((?P<number>[^()]*)\) (?P<what>.+)", re.DOTALL)
_NAMED = 3
"""Of claims about which the same is said, so many are named."""
_READ_AGAIN = "Then read it again from here."

_STEPS = (
    ("does not balance", "The payer's own sums disagree; the arithmetic shows where. Ask the payer for a corrected "
     "advice, and send that one."),
    ("is not a claim of ours", "If another system filed that claim, the payment belongs there. If it is one of yours, "
     "ask the payer for an advice that quotes the claim's number as it was filed."),
    ("another payer answers it", "See on the claim to whom it was filed. If that is the same payer under another "
     f"number, correct the payer's number in the settings. {_READ_AGAIN}"),
    ("was never filed", f"File the claim first. {_READ_AGAIN}"),
    ("is only being sent", f"Wait until the claim has been handed over. {_READ_AGAIN}"),
    ("takes no money any more", "Look at the claim: it was closed or another took its place. Ask the payer which claim "
     "the money is for."),
    ("was posted under the same number", "The payer has used one check or transfer number for two payments. Ask which "
     "of the two stands."),
    ("is not in the books", "Send the earlier advice first, which made the decision that is taken back here. "
     f"{_READ_AGAIN}"),
    ("would be paid twice", "Ask the payer whether it paid twice. A correction has to come with a reversal of the "
     "first decision; money paid in error goes back to the payer."),
    ("no check or transfer number", "Ask the payer for an advice that names the check or transfer."),
    ("it names an amount, but", "Nothing was paid with this advice. Wait for the advice of the payment itself."),
    ("too far ahead", "Ask the payer for the right date."),
    ("that is no code", "Ask the payer what it means, and for an advice with valid codes."),
    ("that means nothing", "Ask the payer what it means, and for an advice with valid codes."),
    ("was not decided", "Ask the payer whether it has decided the claim."),
    ("has no charge like its line", "Compare the claim's lines with what the payer answers; it may have split or "
     "changed one. Ask the payer for an advice that quotes the lines as they were filed."),
    ("filed for", "Compare the claim's lines with what the payer answers, and ask for an advice over the amounts that "
     "were filed."),
    ("give it to: meridian answers", "It is an answer to claims. Send it once more on this page, which sorts files by "
     "itself."),
    ("it is a claim file", "It asks for payment and holds none. Nothing is to be done here."),
    ("It holds no payment", "Look at the file, and ask whoever sent it for the payment advice (835)."),
    ("no payment could be read", "The file is broken or cut off. Ask the clearinghouse for it again."),
)  # fmt: skip
"""A piece of a reason, and what to do about it."""
_OTHERWISE = f"Correct what the reason names, or ask the payer for a corrected advice. {_READ_AGAIN}"


def what_to_do(why: str) -> list[str]:
    """What to do about a payment that is queued for these reasons: each step once, in the order of the table."""
    steps = [step for piece, step in _STEPS if piece in why]
    return list(dict.fromkeys(steps)) or [_OTHERWISE]


def reasons_in_words(why: str) -> list[str]:
    """The reasons for which a payment is queued, one sentence each; what is said alike of several claims, once."""
    sentences: dict[str, list[str]] = {}
    for reason in why.split("; ") if why else []:
        claim = _ABOUT_A_CLAIM.fullmatch(reason)
        what, number = (claim["what"], claim["number"]) if claim else (reason, "")
        sentences.setdefault(what, []).extend([number] if number else [])
    return [_sentence(what, numbers) for what, numbers in sentences.items()]


def _sentence(what: str, numbers: list[str]) -> str:
    if not numbers:
        text = what
    elif len(numbers) == 1:
        text = f"claim {numbers[0]} {what}"
    else:
        further = len(numbers) - _NAMED
        named = ", ".join(numbers[:_NAMED]) + (f" and {further} more" if further > 0 else "")
        text = f"{len(numbers)} claims, {named}: each {what}"
    return f"{text[:1].upper()}{text[1:].removesuffix('.')}."
