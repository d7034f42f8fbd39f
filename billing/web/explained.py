"""An explanation's text with links to the records it names, and its dates and amounts as the clinic writes them."""

from __future__ import annotations

import re
from collections.abc import Callable

from markupsafe import Markup, escape

from billing.money import cents_from_text
from billing.reports.record_names import RecordNames
from billing.web.formatting import ISO_DAY, day_of, money
from billing.web.links import to

_NAMED = re.compile(
    r"\b(?P<kind>[Cc]harge|[Cc]laim|[Ss]ession) (?P<name>[\w-]+)"
    r"|\bpayment (?P<payment>\d+)(?= by )"
    rf"|(?P<day>{ISO_DAY})"
    r"|(?<![\w.])(?P<amount>\d{1,12}\.\d{2})(?!\.?\w)"
)


def linked(names: RecordNames, currency: str) -> Callable[[str], Markup]:
    """A function that writes a line of an explanation about one patient for a page."""

    def written(text: str) -> Markup:
        done, parts = 0, []
        for match in _NAMED.finditer(text):
            parts += [escape(text[done : match.start()]), _shown(match, names, currency)]
            done = match.end()
        return Markup("").join([*parts, escape(text[done:])])

    return written


def _shown(match: re.Match[str], names: RecordNames, currency: str) -> Markup:
    if match["day"]:
        return escape(day_of(match["day"]))
    if match["amount"]:
        return escape(money(cents_from_text(match["amount"]), currency))
    address = to("patient_record.payment", id=int(match["payment"])) if match["payment"] else _address(match, names)
    if not address:
        return escape(match[0])
    return Markup('<a href="{}">{}</a>').format(address, match[0])


def _address(match: re.Match[str], names: RecordNames) -> str:
    kind, name = match["kind"].lower(), match["name"]
    if kind == "charge" and name.isdecimal():
        return to("accounts.charge", id=int(name))
    if kind == "claim" and name in names.claims:
        return to("claims.claim", id=names.claims[name])
    if kind == "session" and name in names.sessions:
        return to("session.session", id=names.sessions[name])
    return ""
