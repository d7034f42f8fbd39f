"""The clinic as its papers show it."""

from __future__ import annotations

from billing.clinic.models import Clinic
from billing.pdf import parts


def letterhead(clinic: Clinic, *, with_tax_id: bool) -> parts.Letterhead:
    """The clinic as its papers show it."""
    region = parts.Region.UK if clinic.currency == "GBP" else parts.Region.US
    return parts.Letterhead(
        clinic_name=clinic.name,
        address=tuple(filter(None, (clinic.address1, clinic.address2, _town(clinic)))),
        phone=clinic.phone,
        email=clinic.email or "",
        tax_id=clinic.tax_id if with_tax_id and region is parts.Region.US else "",
        region=region,
    )


def _town(clinic: Clinic) -> str:
    if clinic.currency == "GBP":
        return f"{clinic.city} {clinic.zip}"
    return f"{clinic.city}, {clinic.state} {clinic.zip}"
