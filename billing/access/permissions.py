"""Permissions and roles, on one page."""

from __future__ import annotations

from enum import StrEnum


class Permission(StrEnum):
    """One thing a person may do."""

    SEE_DAY = "see day"
    SEE_PATIENTS = "see patients"
    EDIT_PATIENTS = "edit patients"
    BOOK = "book"
    CHART = "chart"
    SIGN = "sign"
    TAKE_MONEY = "take money"
    SEE_CLAIMS = "see claims"
    FILE_CLAIMS = "file claims"
    POST_REMITTANCES = "post remittances"
    SEE_LICENCES = "see licences"
    EDIT_CLINIC = "edit clinic"
    MANAGE_USERS = "manage users"
    SEE_AUDIT = "see audit"


class Role(StrEnum):
    """What a person is in the clinic."""

    OWNER = "owner"
    PRACTITIONER = "practitioner"
    BILLER = "biller"
    FRONT_DESK = "front_desk"


_P = Permission

GRANTED: dict[Role, frozenset[Permission]] = {
    Role.OWNER: frozenset(Permission) - {_P.SIGN},
    Role.PRACTITIONER: frozenset(
        {_P.SEE_DAY, _P.SEE_PATIENTS, _P.EDIT_PATIENTS, _P.BOOK, _P.CHART, _P.SIGN, _P.SEE_LICENCES}
    ),
    Role.BILLER: frozenset(
        {_P.SEE_DAY, _P.SEE_PATIENTS, _P.EDIT_PATIENTS, _P.TAKE_MONEY, _P.SEE_CLAIMS, _P.FILE_CLAIMS,
         _P.POST_REMITTANCES, _P.SEE_LICENCES}
    ),
    Role.FRONT_DESK: frozenset(
        {_P.SEE_DAY, _P.SEE_PATIENTS, _P.EDIT_PATIENTS, _P.BOOK, _P.TAKE_MONEY, _P.SEE_CLAIMS, _P.FILE_CLAIMS,
         _P.SEE_LICENCES}
    ),
}  # fmt: skip
"""What each role may do. Only practitioners sign notes; an owner who treats has a second account for it."""


def may(role: Role, permission: Permission) -> bool:
    """Whether a person of that role may do that."""
    return permission in GRANTED[role]
