"""How a credential stands on a day: in force, soon over, over, or taken away. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from billing.practitioners.models import Credential, CredentialKind, CredentialStatus

LAPSES_WITHIN_DAYS = 120
"""So long before its last day a credential is shown as lapsing: boards and insurers take months to renew."""
NEVER = date(2099, 1, 1)
"""A last day in this year or later means a certificate that does not lapse."""
_SOON_DAYS = {CredentialKind.ATTESTATION: 15, CredentialKind.EXCLUSION_CHECK: 7}
"""What is done again every month or quarter would else lapse soon all the time; CAQH reminds 15 days before."""
_A_DAY = timedelta(days=1)
_REPLACED_AROUND = timedelta(days=90)
"""A credential under another number that begins at most so long before this one's end takes its place."""


class Standing(StrEnum):
    """How a credential stands on a day."""

    VALID = "valid"
    LAPSES_SOON = "lapses soon"
    NOT_YET = "not yet valid"
    END_UNKNOWN = "end unknown"
    """In force for all that is known, and still valid on no day."""
    LAPSED = "lapsed"
    RESTRICTED = "restricted"
    SUSPENDED = "suspended"
    REVOKED = "revoked"


def standing_on(credential: Credential, on: date) -> Standing:
    """How one entry stands on the day, looked at by itself."""
    if credential.status is not CredentialStatus.ACTIVE:
        return Standing(credential.status.value)
    if on < credential.valid_from:
        return Standing.NOT_YET
    if credential.valid_to is None:
        return Standing.END_UNKNOWN
    if on > credential.valid_to:
        return Standing.LAPSED
    return Standing.LAPSES_SOON if (credential.valid_to - on).days <= soon_days(credential.kind) else Standing.VALID


def soon_days(kind: CredentialKind) -> int:
    """So many days before its last day one of that kind lapses soon; fewer where it is renewed within days."""
    return _SOON_DAYS.get(kind, LAPSES_WITHIN_DAYS)


_Owner = tuple[int | None, int | None]
_Key = tuple[_Owner, CredentialKind, str, str]


@dataclass(frozen=True, slots=True)
class Held:
    """One credential as somebody holds it: all entries of one kind, issuer and number, with its renewals."""

    practitioner_id: int | None
    """Empty for what belongs to a place of work."""
    kind: CredentialKind
    entries: tuple[Credential, ...]
    """By their first day; no two share a day."""
    replaced_by: str
    """The number of the one that took its place; empty while it counts itself."""
    replaced_from: date | None = None
    """The first day of that one."""

    @property
    def issuer(self) -> str:
        """Who issued it, as written last."""
        return self.entries[-1].issuer

    @property
    def number(self) -> str:
        """Its number, as written last."""
        return self.entries[-1].number

    def is_replaced(self, on: date) -> bool:
        """Whether another counts in its place on the day; one that begins after a gap does so from its first day on."""
        return self.replaced_from is not None and self.replaced_from <= max(on, self.entries[-1].ends_on + _A_DAY)

    def entry_on(self, on: date) -> Credential:
        """The entry that counts on the day: the one that covers it, else the last before it, else the first."""
        begun = [one for one in self.entries if one.valid_from <= on]
        return begun[-1] if begun else self.entries[0]

    def until(self, on: date) -> date:
        """The last day up to which it stands as on the day, renewals that follow without a gap included."""
        now = self.entry_on(on)
        last = now.ends_on
        for one in self.entries:
            if one.valid_from == last + _A_DAY and one.status is now.status and one.valid_to is not None:
                last = one.valid_to
        return last

    def standing(self, on: date) -> Standing:
        """How it stands on the day, renewals included."""
        now = self.entry_on(on)
        if on > now.ends_on and now.valid_to is not None:
            return Standing.LAPSED
        alone = standing_on(now, on)
        if alone is Standing.LAPSES_SOON and (self.until(on) - on).days > soon_days(self.kind):
            return Standing.VALID
        return alone


def held(credentials: Iterable[Credential]) -> list[Held]:
    """The entries of any number of people as credentials; kinds in their usual order, then by first day."""
    grouped: dict[_Key, list[Credential]] = {}
    for one in sorted(credentials, key=lambda each: (each.valid_from, each.id)):
        key = (_owner(one), one.kind, same_words(one.issuer), same_words(one.number))
        grouped.setdefault(key, []).append(one)
    made = [
        Held(owner[0], kind, tuple(entries), *_replacing(owner, kind, issuer, entries, grouped))
        for (owner, kind, issuer, _), entries in grouped.items()
    ]
    order = list(CredentialKind)
    return sorted(made, key=lambda each: (order.index(each.kind), each.entries[0].valid_from, each.number))


def _owner(one: Credential) -> _Owner:
    """Whose it is: a person's, or a place's, whose certificates replace only its own."""
    return (one.practitioner_id, one.place_id if one.practitioner_id is None else None)


def same_words(text: str) -> str:
    """A name or number as it is compared: without regard to blanks and capitals."""
    return " ".join(text.split()).casefold()


def _replacing(
    owner: _Owner,
    kind: CredentialKind,
    issuer: str,
    entries: Sequence[Credential],
    grouped: dict[_Key, list[Credential]],
) -> tuple[str, date | None]:
    ends = entries[-1].ends_on
    later = [
        (others[-1].number, others[0].valid_from)
        for (their_owner, their_kind, their_issuer, _), others in grouped.items()
        if (their_owner, their_kind, their_issuer) == (owner, kind, issuer)
        and others[0].valid_from > max(entries[0].valid_from, ends - _REPLACED_AROUND)
        and others[-1].ends_on > ends
    ]
    return later[0] if later else ("", None)


def days_without(begins: date, earlier: Iterable[Credential]) -> tuple[date, date] | None:
    """The first and last day that lie open between what ended before and what begins on a day; none when it follows."""
    ended = max((one.ends_on for one in earlier if one.valid_from < begins), default=None)
    return (ended + _A_DAY, begins - _A_DAY) if ended is not None and ended + _A_DAY < begins else None
