"""The kinds of field that the CMS-1500 has: text, mark, date, amount, address.

A position is a print line (6 to the inch) and a column (10 to the inch), both counted from 1 as on a typewriter set
to the form's alignment marks.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from billing.pdf.cms1500.form import Cms1500, FormAddress, ServiceLine


@dataclass(frozen=True, slots=True)
class FormPage:
    """One sheet of a claim: the claim, the lines of this sheet, and the part of the payments it shows, in cents."""

    form: Cms1500
    lines: tuple[ServiceLine, ...]
    paid: int | None

    @property
    def total(self) -> int:
        """Sum of this sheet's lines in cents."""
        return sum(line.charge for line in self.lines)


@dataclass(frozen=True, slots=True)
class Box:
    """A field: its name, place and width in characters, and its text. Text that is longer is cut."""

    name: str
    line: int
    column: int
    width: int
    text: Callable[[FormPage], str]
    right: bool = False
    """The text ends at the field's last column."""

    def typed(self, page: FormPage) -> str:
        """What stands in the field: upper case, ASCII, no longer than the field."""
        text = self.text(page).upper()
        if not text.isascii():
            text = text.encode("ascii", "replace").decode("ascii")
        return text[: self.width].rjust(self.width) if self.right and text else text[: self.width]


_Text = Callable[[Cms1500], str]
_Yes = Callable[[Cms1500], bool]
_Day = Callable[[Cms1500], date | None]
_Cents = Callable[[FormPage], int | None]


def text_field(name: str, line: int, column: int, width: int, text: _Text) -> Box:
    """A field whose text is the same on every sheet of the claim."""
    return Box(name, line, column, width, lambda page: text(page.form))


def mark(name: str, line: int, column: int, marked: _Yes) -> Box:
    """An X, or nothing."""
    return Box(name, line, column, 1, lambda page: "X" if marked(page.form) else "")


def yes_no(name: str, line: int, yes: int, no: int, answer: Callable[[Cms1500], bool | None]) -> tuple[Box, Box]:
    """Two marks, of which none is set when the answer is not known."""
    return (
        mark(f"{name} yes", line, yes, lambda form: answer(form) is True),
        mark(f"{name} no", line, no, lambda form: answer(form) is False),
    )


def date_fields(name: str, line: int, columns: tuple[int, int, int], day: _Day, year: str = "%y") -> tuple[Box, ...]:
    """Month, day and year in columns of their own; ``%Y`` for a year of four digits."""

    def part(directive: str) -> _Text:
        def text(form: Cms1500) -> str:
            value = day(form)
            return value.strftime(directive) if value else ""

        return text

    widths = (2, 2, 4 if year == "%Y" else 2)
    parts = zip(("month", "day", "year"), columns, widths, ("%m", "%d", year), strict=True)
    return tuple(text_field(f"{name} {unit}", line, column, width, part(code)) for unit, column, width, code in parts)


def money_fields(name: str, line: int, dollars: tuple[int, int], cents: int, amount: _Cents) -> tuple[Box, Box]:
    """Dollars right-aligned in ``(column, width)``, cents in two columns of their own."""
    column, width = dollars

    def whole(page: FormPage) -> str:
        value = amount(page)
        if value is None:
            return ""
        if not 0 <= value < 100 * 10**width:
            raise ValueError(f"box {name} has no room for {value} cents")
        return str(value // 100)

    def minor(page: FormPage) -> str:
        value = amount(page)
        return "" if value is None else f"{value % 100:02d}"

    return Box(f"{name} dollars", line, column, width, whole, right=True), Box(f"{name} cents", line, cents, 2, minor)


def clean_name(text: str) -> str:
    """A name without points and number signs; hyphens stay."""
    return re.sub("[.#]", "", text)


def clean_street(text: str) -> str:
    """A street or town without the punctuation that the form forbids."""
    return re.sub("[.,#]", "", text)


def compact(text: str) -> str:
    """A number or code without blanks, hyphens and points."""
    return re.sub("[ .-]", "", text)


def clean_zip(text: str) -> str:
    """Five digits, or nine with a hyphen."""
    digits = re.sub(r"\D", "", text)
    return f"{digits[:5]}-{digits[5:9]}" if len(digits) > 5 else digits


def digits_of_phone(text: str) -> str:
    """The ten digits, without a country code."""
    return re.sub(r"\D", "", text)[-10:]


def city_line(address: FormAddress) -> str:
    """City, state and ZIP on one line."""
    return " ".join(filter(None, (clean_street(address.city), address.state, clean_zip(address.zip_code))))


def address_fields(
    name: str, column: int, state: int, phone: int, of: Callable[[Cms1500], FormAddress]
) -> tuple[Box, ...]:
    """Boxes 5 and 7: street, city, state, ZIP and telephone on three lines."""
    return (
        text_field(f"{name} street", 12, column, 29, lambda form: clean_street(of(form).street)),
        text_field(f"{name} city", 14, column, state - column - 1, lambda form: clean_street(of(form).city)),
        text_field(f"{name} state", 14, state, 2, lambda form: of(form).state),
        text_field(f"{name} zip", 16, column, 10, lambda form: clean_zip(of(form).zip_code)),
        text_field(f"{name} area code", 16, phone, 3, lambda form: digits_of_phone(of(form).phone)[:3]),
        text_field(f"{name} phone", 16, phone + 4, 7, lambda form: digits_of_phone(of(form).phone)[3:]),
    )
