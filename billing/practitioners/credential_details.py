"""What an entry of a credential says, and what is wrong with it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from billing.clinic.addresses import STATES
from billing.errors import Problem, block
from billing.practitioners.lapsing import same_words
from billing.practitioners.models import CoverForm, Credential, CredentialKind

LONGEST_TEXT = 100
_A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Cover:
    """What a certificate of malpractice insurance says besides its days; cents."""

    form: CoverForm | None = None
    retro_date: date | None = None
    per_claim_cents: int | None = None
    aggregate_cents: int | None = None


NO_COVER = Cover()


@dataclass(frozen=True, slots=True)
class CredentialDetails:
    """What a licence, certificate or certificate of insurance says."""

    kind: CredentialKind
    issuer: str
    """A state's two letters for a licence in the United States, else the body that issued it."""
    number: str
    valid_from: date
    valid_to: date | None
    """The last day on which it is valid; empty while nobody knows it."""
    place_id: int | None = None
    """The place of work it is for, if it is for one."""
    cover: Cover = NO_COVER

    def tidied(self) -> CredentialDetails:
        """With one blank between words, a state in capitals, and of cover only what is insurance."""
        issuer, number = " ".join(self.issuer.split()), " ".join(self.number.split())
        if self.kind is CredentialKind.LICENCE and len(issuer) == 2:
            issuer = issuer.upper()
        cover = self.cover if self.kind is CredentialKind.MALPRACTICE else NO_COVER
        return replace(self, issuer=issuer, number=number, cover=cover)


def credential_details_of(one: Credential) -> CredentialDetails:
    """What is on file of an entry."""
    cover = Cover(one.form, one.retro_date, one.per_claim_cents, one.aggregate_cents)
    return CredentialDetails(one.kind, one.issuer, one.number, one.valid_from, one.valid_to, one.place_id, cover)


def detail_problems(details: CredentialDetails, *, american: bool) -> Iterator[Problem]:
    """What is wrong with the details by themselves; ``american`` wants a state as the issuer of a licence."""
    for name, label in (("issuer", "issuer"), ("number", "number")):
        typed = getattr(details, name)
        if not any(character.isalnum() for character in typed):
            yield block("credential.missing", f"The {label} is empty.", "Copy it from the document.", f"field:{name}")
        elif len(typed) > LONGEST_TEXT:
            why = f"The {label} is longer than {LONGEST_TEXT} characters."
            yield block("credential.length", why, "Shorten it.", f"field:{name}")
    if american and details.kind is CredentialKind.LICENCE and details.issuer and details.issuer not in STATES:
        fix = "Write the state's two letters, such as OR: a licence counts in the state that issued it."
        yield block("credential.state", "There is no such state.", fix, "field:issuer")
    if details.valid_to is not None and details.valid_to < details.valid_from:
        why = f"It would end on {details.valid_to}, before it begins on {details.valid_from}."
        yield block("credential.dates", why, "Correct one of the two days.", "field:valid_to")
    yield from _cover_problems(details)


def _cover_problems(details: CredentialDetails) -> Iterator[Problem]:
    cover = details.cover
    if cover.form is CoverForm.CLAIMS_MADE and cover.retro_date is None:
        why = "Claims-made cover reaches back to its retroactive date, and none is given."
        yield block("credential.cover", why, "Copy it from the certificate of insurance.", "field:retro_date")
    if cover.form is not CoverForm.CLAIMS_MADE and cover.retro_date is not None:
        why = "Only claims-made cover has a retroactive date."
        yield block("credential.cover", why, "Choose claims-made, or leave the date empty.", "field:retro_date")
    if cover.retro_date is not None and details.valid_to is not None and cover.retro_date > details.valid_to:
        why = f"The retroactive date {cover.retro_date} is after the last day, {details.valid_to}."
        yield block("credential.cover", why, "Correct one of the two days.", "field:retro_date")
    if cover.per_claim_cents and cover.aggregate_cents and cover.per_claim_cents > cover.aggregate_cents:
        why = "The limit for one claim is higher than that for all claims of a year."
        yield block("credential.cover", why, "They may have been swapped.", "field:aggregate")


def overlap_problems(details: CredentialDetails, others: Iterable[Credential]) -> Iterator[Problem]:
    """Which of the same owner's entries says something else about the same credential on some day."""
    for one in others:
        is_same = one.kind is details.kind and same_words(one.issuer) == same_words(details.issuer)
        if not is_same or same_words(one.number) != same_words(details.number):
            continue
        if one.valid_to is None or details.valid_to is None:
            yield from _unknown_end_problems(details, one)
        elif details.valid_from <= one.valid_to and one.valid_from <= details.valid_to:
            why = (
                f"Number {one.number} of {one.issuer} is on file from {one.valid_from} to {one.valid_to} already, "
                "and some of these days are the same."
            )
            fix = f"Begin on {one.valid_to + _A_DAY}, or correct that entry instead."
            yield block("credential.overlap", why, fix, "field:valid_from")


def _unknown_end_problems(details: CredentialDetails, one: Credential) -> Iterator[Problem]:
    if one.valid_to is None and (details.valid_to is None or details.valid_to >= one.valid_from):
        why = f"Number {one.number} of {one.issuer} is on file from {one.valid_from} on, without its last day."
        yield block("credential.overlap", why, "Enter the last day of that entry instead.", "field:valid_from")
    elif one.valid_to is not None and details.valid_from <= one.valid_to:
        why = f"Number {one.number} of {one.issuer} is on file up to {one.valid_to} already."
        yield block("credential.overlap", why, f"Begin on {one.valid_to + _A_DAY}.", "field:valid_from")
