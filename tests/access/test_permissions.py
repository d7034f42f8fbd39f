from __future__ import annotations

import pytest

from billing.access.permissions import Permission, Role, may

ALLOWED = {
    "see day": "owner practitioner biller front_desk",
    "see patients": "owner practitioner biller front_desk",
    "edit patients": "owner practitioner biller front_desk",
    "book": "owner practitioner front_desk",
    "chart": "owner practitioner",
    "sign": "practitioner",
    "take money": "owner biller front_desk",
    "see claims": "owner biller front_desk",
    "file claims": "owner biller front_desk",
    "post remittances": "owner biller",
    "see licences": "owner practitioner biller front_desk",
    "edit clinic": "owner",
    "manage users": "owner",
    "see audit": "owner",
}


def test_every_permission_is_in_the_table_of_this_test() -> None:
    assert {permission.value for permission in Permission} == set(ALLOWED)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("permission", Permission)
def test_each_role_may_do_what_the_clinic_agreed_and_nothing_else(permission: Permission, role: Role) -> None:
    assert may(role, permission) is (role.value in ALLOWED[permission.value].split())
