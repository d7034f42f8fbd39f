"""People at browsers: they open pages, fill in the forms that are there, and send them as the page would."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import NoReturn
from urllib.parse import urlsplit

import httpx

from tests.access.cast import PASSWORD

_TYPED = ("text", "hidden", "number", "date", "time", "email", "tel", "password", "search", "")


@dataclass
class FormThere:
    """A form of a page with what its fields hold."""

    action: str
    fields: dict[str, list[str]] = field(default_factory=dict)
    buttons: dict[str, str] = field(default_factory=dict)
    """Where each sends it, by its words."""


class _Forms(HTMLParser):
    """The forms of a page, and its text."""

    def __init__(self, here: str) -> None:
        super().__init__()
        self.here, self.forms, self.words = here, list[FormThere](), list[str]()
        self._form: FormThere | None = None
        self._select = self._option = self._area = ""
        self._button: list[str] = []
        self._goes_to = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        cells = {name: value or "" for name, value in attrs}
        if tag == "form" and cells.get("method") == "post":
            self._form = FormThere(cells.get("action") or self.here)
            self.forms.append(self._form)
        elif self._form is None:
            return
        elif tag == "input" and "name" in cells:
            self._input(cells)
        elif tag == "select":
            self._select = cells["name"]
            self._form.fields[self._select] = []
        elif tag == "option" and self._select:
            chosen = self._form.fields[self._select]
            if "selected" in cells or not chosen:
                self._form.fields[self._select] = [cells.get("value", "")]
        elif tag == "textarea":
            self._area = cells["name"]
            self._form.fields[self._area] = [""]
        elif tag == "button":
            self._button, self._goes_to = [""], cells.get("formaction", self._form.action)

    def _input(self, cells: dict[str, str]) -> None:
        assert self._form is not None
        kind, name = cells.get("type", ""), cells["name"]
        if kind in _TYPED or "checked" in cells:
            self._form.fields.setdefault(name, []).append(cells.get("value", "on" if kind == "checkbox" else ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._area = ""
        elif tag == "button" and self._form is not None and self._button:
            self._form.buttons[" ".join("".join(self._button).split())] = self._goes_to
            self._button = []

    def handle_data(self, data: str) -> None:
        self.words.append(data)
        if self._form is not None and self._area:
            self._form.fields[self._area] = [self._form.fields[self._area][0] + data]
        if self._button:
            self._button.append(data)


@dataclass(frozen=True)
class PageThere:
    """A page that somebody looks at."""

    path: str
    status: int
    html: str
    words: str
    forms: list[FormThere]

    def form(self, button: str) -> FormThere:
        """The form with a button of these words."""
        found = [one for one in self.forms if button in one.buttons]
        if len(found) != 1:
            self.fail(
                f"{len(found)} forms have a button {button!r}; there are {[[*one.buttons] for one in self.forms]}"
            )
        return found[0]

    def says(self, words: str) -> bool:
        """Whether these words can be read on it."""
        return words in self.words

    def fail(self, why: str) -> NoReturn:
        """Say what was not as it should be, and what could be read."""
        raise AssertionError(f"{self.path} ({self.status}): {why}\n{self.words}")


@dataclass
class Person:
    """Somebody with a browser."""

    browser: httpx.Client

    def open(self, path: str) -> PageThere:
        """Go to a page, wherever it leads on to."""
        return self.seen(self.browser.get(path, follow_redirects=True))

    def press(self, page: PageThere, button: str, /, **typed: str) -> PageThere:
        """Fill in the form that has this button, and send it. Fails when it is not carried out."""
        answer = self.send(page, button, typed)
        if answer.status_code != httpx.codes.SEE_OTHER:
            self.seen(answer).fail(f"{button!r} was not carried out")
        return self.open(answer.headers["location"])

    def send(self, page: PageThere, button: str, typed: Mapping[str, str]) -> httpx.Response:
        """The same, whatever comes of it."""
        form = page.form(button)
        sent = {**form.fields, **{name: [value] for name, value in typed.items()}}
        return self.browser.post(form.buttons[button], data=sent, headers={"Sec-Fetch-Site": "same-origin"})

    def sign_in(self, name: str) -> PageThere:
        """As one of the cast."""
        page = self.open("/sign-in")
        return self.press(page, "Sign in", email=f"{name}@example.org", password=PASSWORD)

    def seen(self, answer: httpx.Response) -> PageThere:
        """What an answer shows."""
        html = answer.text if answer.headers.get("content-type", "").startswith("text/html") else ""
        parser = _Forms(answer.url.path)
        parser.feed(html)
        return PageThere(
            urlsplit(str(answer.url)).path, answer.status_code, html, " ".join(_squeezed(parser.words)), parser.forms
        )


def _squeezed(words: list[str]) -> Iterator[str]:
    for one in words:
        yield from one.split()
