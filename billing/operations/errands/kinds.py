"""What can be asked for, who may ask for it, and what it is called."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from billing.access.permissions import Permission
from billing.codes.sets.kinds import FACTS, SetKind


class ErrandKind(StrEnum):
    """A kind of long work, and the facts it is asked with."""

    BILL = "bill"
    """``{"through": "2026-03-31"}``: bill everything signed up to that day, for the whole clinic. With
    ``"superbills": "later"`` sessions that are billed by superbill wait for the month's run."""
    SUPERBILLS = "superbills"
    """``{"through": "2026-03-31"}``: a superbill for each session up to that day that is billed by one."""
    REMIT = "remit"
    """``{"files": [{"sha256": …, "name": …}]}``: take in files that are in the document store already."""
    ANSWERS = "answers"
    """The same, asked for where only answers to claims are expected. Either kind sorts its files itself."""
    FETCH = "fetch"
    """``{}``: take in every file of the inbox that has never come before."""
    STATEMENTS = "statements"
    """``{"on": "2026-03-31"}``: a statement for everybody who has something to be told at the end of that day."""
    FORMS = "forms"
    """``{"claims": [17, 4], "preprinted": true, "right": 0, "down": -2}``: the forms of these claims as one PDF, for
    preprinted sheets or with the form drawn, and by how many points what is typed is moved."""
    IMPORT = "import"
    """``{"sha256": …, "check": false}``: bring in a zip file of CSV files that is in the document store already."""
    RECHECK = "recheck"
    """``{"on": "2026-03-31"}``: judge every held claim again, as if it were filed that day."""
    CODES = "codes"
    """``{"kind": "icd10cm", "files": [{"sha256": …, "name": …, "size": …}], "from": "2026-10-01"}``: load a code
    set of files that are in the document store already; without ``from`` their names say from when on it holds."""


NEEDS: Mapping[ErrandKind, Permission] = {
    ErrandKind.BILL: Permission.FILE_CLAIMS,
    ErrandKind.SUPERBILLS: Permission.FILE_CLAIMS,
    ErrandKind.REMIT: Permission.POST_REMITTANCES,
    ErrandKind.ANSWERS: Permission.POST_REMITTANCES,
    ErrandKind.FETCH: Permission.POST_REMITTANCES,
    ErrandKind.STATEMENTS: Permission.TAKE_MONEY,
    ErrandKind.FORMS: Permission.FILE_CLAIMS,
    ErrandKind.IMPORT: Permission.EDIT_CLINIC,
    ErrandKind.RECHECK: Permission.FILE_CLAIMS,
    ErrandKind.CODES: Permission.EDIT_CLINIC,
}
"""What a person must be allowed to do to ask for an errand, or to see one."""

_TITLES: Mapping[ErrandKind, str] = {
    ErrandKind.BILL: "Billing run",
    ErrandKind.SUPERBILLS: "Superbills",
    ErrandKind.REMIT: "Files from payers",
    ErrandKind.ANSWERS: "Answers to claims",
    ErrandKind.FETCH: "Looking into the inbox",
    ErrandKind.STATEMENTS: "Statements",
    ErrandKind.FORMS: "Claim forms",
    ErrandKind.IMPORT: "Import",
    ErrandKind.RECHECK: "Held claims judged again",
    ErrandKind.CODES: "Code set",
}


def title_of(kind: ErrandKind, facts: Mapping[str, Any]) -> str:
    """What an errand is called on a page."""
    if kind is ErrandKind.CODES:
        return f"Code set, {FACTS[SetKind(facts['kind'])].title}"
    if kind is ErrandKind.IMPORT and facts.get("check"):
        return "Import, checking only"
    return _TITLES[kind]
