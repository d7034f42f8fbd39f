"""Reading forms: values, or a problem at each field."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, time
from enum import StrEnum
from io import BytesIO

import pytest
from flask import Flask

from billing.errors import Refused
from billing.web.forms import Form, seen_mark


class Colour(StrEnum):
    RED = "red"
    GREEN = "green"


@contextmanager
def sent(**fields: object) -> Iterator[Form]:
    """A form as the present request."""
    with Flask("test").test_request_context("/", method="POST", data=fields):
        yield Form()


def problems(form: Form) -> list[tuple[str, str]]:
    return [(one.where, one.why) for one in form.problems]


def test_good_fields_become_values() -> None:
    with sent(name="  Zoë  ", minutes="45", paid="$1,250.50", born="1979-05-11", at="09:05", colour="red", who="3",
              yes="on", note="one\r\ntwo") as form:  # fmt: skip
        values = (
            form.text("name", "Name"), form.number("minutes", "Minutes", 1, 480), form.money("paid", "Amount"),
            form.day("born", "Birth date"), form.clock_time("at", "Start"), form.choice("colour", "Colour", Colour),
            form.pick("who", "Who", {3, 4}), form.ticked("yes"), form.ticked("no"), form.lines("note", "Note"),
        )  # fmt: skip

        form.refuse_any()
        assert values == (
            "Zoë", 45, 125050, date(1979, 5, 11), time(9, 5), Colour.RED, 3, True, False, "one\ntwo",
        )  # fmt: skip


@pytest.mark.parametrize(
    ("field", "typed", "why"),
    [
        ("text", "", "X is empty."),
        ("text", "x" * 201, "X has 201 characters; 200 are possible."),
        ("text", "a\x00b", "X holds characters that cannot be seen."),
        ("number", "4.5", "X is not a whole number."),
        ("number", "٣", "X is not a whole number."),
        ("number", "9" * 400, "X is not a whole number."),
        ("number", "1000001", "X must be from 0 to 1000000."),
        ("money", "1.234", "X is not an amount."),
        ("money", "ten", "X is not an amount."),
        ("money", "1,2345.00", "X is not an amount."),
        ("money", "1234,567.00", "X is not an amount."),
        ("money", "0.00", "X must be from 0.01 to 100000.00."),
        ("money", "-5.00", "X must be from 0.01 to 100000.00."),
        ("day", "31/03/2026", "X is not a date."),
        ("day", "2026-02-30", "X is not a date."),
        ("day", "0026-02-03", "X is in the year 26."),
        ("clock_time", "25:00", "X is not a time."),
    ],
)
def test_a_bad_field_is_told_in_words_at_the_field(field: str, typed: str, why: str) -> None:
    with sent(x=typed) as form:
        value = getattr(form, field)("x", "X")

        assert problems(form) == [("field:x", why)]
        assert value is None or field == "text"


def test_a_comma_is_passed_over_only_between_thousands() -> None:
    with sent(grand="1,250.50", millions="£1,234,567", cents="109,10", odd="10,91.00") as form:
        taken = [form.money(name, "Amount", most_cents=10**9) for name in ("grand", "millions", "cents", "odd")]

        assert taken == [125050, 123456700, None, None]
        assert [(one.where, one.fix) for one in form.problems] == [
            ("field:cents", "Write it like 165.00."),
            ("field:odd", "Write it like 165.00."),
        ]


def test_what_is_not_on_the_list_cannot_be_chosen() -> None:
    with sent(colour="blue", who="5", several=["3", "5"]) as form:
        chosen = (
            form.choice("colour", "Colour", Colour),
            form.pick("who", "Who", {3, 4}),
            form.picks("several", "Charges", {3}),
        )

        assert chosen == (None, None, [])
        assert [where for where, _ in problems(form)] == ["field:colour", "field:who", "field:several"]


def test_fields_that_need_not_be_filled_are_none_when_they_are_not() -> None:
    with sent() as form:
        values = [
            form.number("a", "A", required=False), form.money("b", "B", required=False),
            form.day("c", "C", required=False), form.choice("d", "D", Colour, required=False),
            form.clock_time("e", "E", required=False), form.pick("f", "F", {1}, required=False),
            form.text("g", "G", required=False),
        ]  # fmt: skip

        assert values == [None, None, None, None, None, None, ""]
        assert form.problems == []


def test_repeating_rows_come_in_order_and_empty_ones_are_left_out() -> None:
    fields = {"set-1-minutes": "20", "set-0-minutes": "15", "set-2-minutes": " ", "set-x-minutes": "9", "other": "1"}
    with sent(**fields) as form:
        assert form.rows("set", ["minutes", "points"]) == [
            {"minutes": "15", "points": "", "place": "0"},
            {"minutes": "20", "points": "", "place": "1"},
        ]


def test_all_problems_are_told_at_once() -> None:
    with sent(name="", minutes="x") as form:
        form.text("name", "Name")
        form.number("minutes", "Minutes")

        with pytest.raises(Refused) as refused:
            form.refuse_any()
    assert [one.where for one in refused.value.problems] == ["field:name", "field:minutes"]


def test_a_form_filled_from_what_has_changed_since_is_told_so() -> None:
    with sent(seen=seen_mark("Ada", date(2026, 3, 1))) as form:
        form.check_seen(seen_mark("Ada", date(2026, 3, 1)))
        assert form.problems == []

        form.check_seen(seen_mark("Ada", date(2026, 3, 2)))
        assert "Somebody changed this after you had opened it" in form.problems[0].why


def test_files_are_read_without_their_folders_and_within_their_limit() -> None:
    with sent(file=(BytesIO(b"ISA*00"), "mail/march.835")) as form:
        assert [(one.name, one.content) for one in form.files("file", "Files", 100)] == [("march.835", b"ISA*00")]


@pytest.mark.parametrize(
    ("content", "why"),
    [(b"", "Files: a.835 is empty."), (b"x" * 1025, "Files: a.835 is larger than 0 MB.")],
)
def test_files_that_cannot_be_taken_are_told(content: bytes, why: str) -> None:
    with sent(file=(BytesIO(content), "a.835")) as form:
        assert form.files("file", "Files", 1024) == []
        assert problems(form) == [("field:file", why)]


def test_no_file_at_all_is_told() -> None:
    with sent() as form:
        assert form.file("file", "Files", 1024) is None
        assert problems(form) == [("field:file", "Files: no file was chosen.")]
