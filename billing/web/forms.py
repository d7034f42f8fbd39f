"""Reading forms: each field becomes a value or a problem at that field, and all problems are told at once."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from enum import StrEnum
from pathlib import PurePath
from typing import TypeVar

from flask import request
from werkzeug.datastructures import FileStorage

from billing.errors import Problem, Refused, block
from billing.money import cents_from_text, text_from_cents

SEEN = "seen"
"""The field that says which state of a record the form was filled from."""
_Choice = TypeVar("_Choice", bound=StrEnum)
_LARGEST_NUMBER = 2**53
_THOUSANDS = re.compile(r"-?[0-9]{1,3}(,[0-9]{3})+([.][0-9]*)?")


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """A file sent with a form."""

    name: str
    """As the browser called it, without its folder and without what cannot be seen."""
    content: bytes


def seen_mark(*values: object) -> str:
    """A digest of a record's values, for a form to carry: another digest later means that somebody changed it."""
    return hashlib.sha256(json.dumps(values, default=str, separators=(",", ":")).encode()).hexdigest()[:32]


@dataclass
class Form:
    """The form of the present request, and what is wrong with it so far."""

    problems: list[Problem] = field(default_factory=list)

    def raw(self, name: str) -> str:
        """What was typed, trimmed; empty when the field is missing."""
        return unicodedata.normalize("NFC", request.form.get(name, "")).strip()

    def text(self, name: str, label: str, most: int = 200, required: bool = True) -> str:
        """One line of text of at most ``most`` characters."""
        return self._text(name, label, self.raw(name), most, required, allowed="")

    def lines(self, name: str, label: str, most: int = 20_000, required: bool = False) -> str:
        """Text of several lines, with plain line ends."""
        return self._text(name, label, self.raw(name).replace("\r\n", "\n"), most, required, allowed="\n\t")

    def number(self, name: str, label: str, least: int = 0, most: int = 1_000_000, required: bool = True) -> int | None:
        """A whole number between ``least`` and ``most``."""
        typed = self._given(name, label, required)
        if typed is None:
            return None
        digits = typed.removeprefix("-")
        if not (digits.isascii() and digits.isdigit()) or len(digits) > 16 or abs(int(typed)) > _LARGEST_NUMBER:
            self.problem(name, f"{label} is not a whole number.", f"Write it in digits, such as {max(least, 1)}.")
            return None
        if not least <= int(typed) <= most:
            self.problem(name, f"{label} must be from {least} to {most}.", "Correct it.")
            return None
        return int(typed)

    def money(
        self, name: str, label: str, least_cents: int = 1, most_cents: int = 10_000_000, required: bool = True
    ) -> int | None:
        """An amount in cents, typed like ``165.00``; a currency sign and commas between thousands are passed over.

        Any other comma is refused: ``109,10`` may be meant for 109.10.
        """
        typed = self._given(name, label, required)
        if typed is None:
            return None
        try:
            bare = typed.lstrip("$£€ ")
            cents = cents_from_text(bare.replace(",", "") if _THOUSANDS.fullmatch(bare) else bare)
        except ValueError:
            self.problem(name, f"{label} is not an amount.", "Write it like 165.00.")
            return None
        if not least_cents <= cents <= most_cents:
            span = f"{text_from_cents(least_cents)} to {text_from_cents(most_cents)}"
            self.problem(name, f"{label} must be from {span}.", "Correct it.")
            return None
        return cents

    def day(
        self,
        name: str,
        label: str,
        earliest: date | None = None,
        latest: date | None = None,
        required: bool = True,
    ) -> date | None:
        """A date, as a date field sends it: ``2026-03-31``."""
        typed = self._given(name, label, required)
        if typed is None:
            return None
        try:
            on = date.fromisoformat(typed)
        except ValueError:
            self.problem(name, f"{label} is not a date.", "Write the year, the month and the day, as in YYYY-MM-DD.")
            return None
        if on.year < 1900 or on.year > 2200:
            self.problem(name, f"{label} is in the year {on.year}.", "Correct the year.")
            return None
        if earliest is not None and on < earliest:
            self.problem(name, f"{label} is before {earliest}.", "Give a later day.")
            return None
        if latest is not None and on > latest:
            self.problem(name, f"{label} is after {latest}.", "Give an earlier day.")
            return None
        return on

    def clock_time(self, name: str, label: str, required: bool = True) -> time | None:
        """A time of day, as a time field sends it: ``14:05``."""
        typed = self._given(name, label, required)
        if typed is None:
            return None
        try:
            at = time.fromisoformat(typed)
        except ValueError:
            self.problem(name, f"{label} is not a time.", "Write it like 14:05.")
            return None
        return at.replace(second=0, microsecond=0, tzinfo=None)

    def choice(self, name: str, label: str, choices: type[_Choice], required: bool = True) -> _Choice | None:
        """One of a closed set of words."""
        typed = self._given(name, label, required)
        if typed is None:
            return None
        try:
            return choices(typed)
        except ValueError:
            self.problem(name, f"{label}: this choice does not exist.", "Choose one of the list.")
            return None

    def pick(self, name: str, label: str, allowed: Collection[int], required: bool = True) -> int | None:
        """The number of one of the records that are ``allowed`` here."""
        typed = self._given(name, label, required)
        if typed is None:
            return None
        if typed.isascii() and typed.isdigit() and len(typed) < 16 and int(typed) in allowed:
            return int(typed)
        self.problem(name, f"{label}: this cannot be chosen.", "Choose one of the list.")
        return None

    def picks(self, name: str, label: str, allowed: Collection[int]) -> list[int]:
        """The numbers of all ticked records of those that are ``allowed`` here, in the order sent."""
        found = []
        for typed in dict.fromkeys(request.form.getlist(name)):
            if not (typed.isascii() and typed.isdigit() and len(typed) < 16 and int(typed) in allowed):
                self.problem(name, f"{label}: one of them cannot be chosen.", "Choose from the list.")
                return []
            found.append(int(typed))
        return found

    def ticked(self, name: str) -> bool:
        """Whether a box is ticked."""
        return bool(request.form.get(name))

    def rows(self, prefix: str, columns: Sequence[str]) -> list[dict[str, str]]:
        """Repeating rows, whose fields are named ``prefix-0-column``; rows without anything typed are left out.

        Each row also holds its own place under the key ``place``, for problems at its fields.
        """
        places = {
            int(parts[1])
            for name in request.form
            if (parts := name.split("-", 2))[0] == prefix
            and len(parts) == 3
            and parts[1].isascii()
            and parts[1].isdigit()
            and len(parts[1]) < 4
        }
        found = []
        for place in sorted(places):
            row = {column: self.raw(f"{prefix}-{place}-{column}") for column in columns}
            if any(row.values()):
                found.append({**row, "place": str(place)})
        return found

    def file(self, name: str, label: str, largest: int) -> UploadedFile | None:
        """One file of at most ``largest`` bytes."""
        found = self.files(name, label, largest)
        return found[0] if found else None

    def files(self, name: str, label: str, largest: int, most: int = 200) -> list[UploadedFile]:
        """The files chosen, each of at most ``largest`` bytes and at most ``most`` of them."""
        chosen = [one for one in request.files.getlist(name) if one.filename]
        if not chosen:
            self.problem(name, f"{label}: no file was chosen.", "Choose one, and send the form again.")
        if len(chosen) > most:
            self.problem(name, f"{label}: these are {len(chosen)} files.", f"Send at most {most} at once.")
            return []
        return [read for one in chosen if (read := self._read(name, label, one, largest)) is not None]

    def check_seen(self, now: str) -> None:
        """Find a problem when the record is no longer what the form was filled from."""
        if self.raw(SEEN) != now:
            self.problem(
                "",
                "Somebody changed this after you had opened it. Nothing was saved; what you typed is kept below.",
                "Compare with how it stands now, and save again if yours is right.",
            )

    def problem(self, name: str, why: str, fix: str) -> None:
        """Add a problem at a field; without a name it is about the form as a whole."""
        self.problems.append(block("form", why, fix, f"field:{name}" if name else ""))

    def add(self, found: Iterable[Problem]) -> None:
        """Add what rules found at fields that have no problem yet: of an empty field it is said once that it is."""
        told = {one.where for one in self.problems}
        self.problems += [one for one in found if one.where not in told]

    def refuse_any(self) -> None:
        """Raise :class:`Refused` when there is any problem."""
        if self.problems:
            raise Refused(" ".join(dict.fromkeys(one.why for one in self.problems)), self.problems)

    def _text(self, name: str, label: str, typed: str, most: int, required: bool, allowed: str) -> str:
        if not typed and required:
            self.problem(name, f"{label} is empty.", "Fill it in.")
        if len(typed) > most:
            self.problem(name, f"{label} has {len(typed):,} characters; {most:,} are possible.", "Shorten it.")
        visible = "".join(one for one in typed if one in allowed or unicodedata.category(one) not in ("Cc", "Cs"))
        if visible != typed:
            self.problem(name, f"{label} holds characters that cannot be seen.", "Type it anew instead of pasting it.")
        return visible

    def _given(self, name: str, label: str, required: bool) -> str | None:
        typed = self.raw(name)
        if typed:
            return typed
        if required:
            self.problem(name, f"{label} is empty.", "Fill it in.")
        return None

    def _read(self, name: str, label: str, sent: FileStorage, largest: int) -> UploadedFile | None:
        visible = "".join(one for one in sent.filename or "" if one.isprintable())
        file_name = PurePath(visible.replace("\\", "/")).name[:200]
        content = sent.stream.read(largest + 1)
        if len(content) > largest:
            self.problem(name, f"{label}: {file_name} is larger than {largest // 2**20} MB.", "Send a smaller file.")
            return None
        if not content:
            self.problem(name, f"{label}: {file_name} is empty.", "Choose the right file.")
            return None
        return UploadedFile(file_name, content)
