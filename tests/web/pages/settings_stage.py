"""Forms of the settings, sent as their pages have them."""

from __future__ import annotations

import re
from html import unescape

from werkzeug.test import TestResponse

from tests.web.desk import Browser

KEY = "the-key-of-this-form-77"


def words(response: TestResponse) -> str:
    """What a page says, without its tags."""
    text = re.sub(r"<(script|style).*?</\1>", " ", response.text, flags=re.S)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


def mark_on(response: TestResponse) -> str:
    """The mark of the record that the page's form was filled from; empty when it has none."""
    found = re.search(r'name="seen" value="([0-9a-f]+)"', response.text)
    return found[1] if found else ""


def send(browser: Browser, form: str, to: str, **fields: str) -> TestResponse:
    """Open the form's page, and send it to its address with these fields."""
    shown = browser.get(form)
    assert shown.status_code == 200, shown.text
    return browser.post(to, **{"seen": mark_on(shown), **fields})


def after(browser: Browser, response: TestResponse) -> str:
    """What the page says that a form led to."""
    assert response.status_code == 303, words(response)
    return words(browser.get(response.location))


def error_at(response: TestResponse, field: str) -> str:
    """What is said below a field; empty when nothing is."""
    found = re.search(rf'id="{field}-error">(.*?)</p>', response.text, re.S)
    return unescape(found[1]) if found else ""
