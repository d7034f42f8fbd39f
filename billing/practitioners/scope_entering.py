"""Entering what a licence allows: limits stand on the document, or are told by the board."""

from __future__ import annotations

from collections.abc import Mapping

from billing.database import Db, hold_lock
from billing.errors import Refused, block
from billing.practitioners.credentials import credentials_beside
from billing.practitioners.lapsing import same_words
from billing.practitioners.models import Credential, CredentialKind
from billing.practitioners.queries import credential_with_id
from billing.practitioners.scope_data import scopes


def enter_scope(db: Db, credential_id: int, allowed: Mapping[str, bool]) -> Credential:
    """Keep which services a licence allows from the first day of an entry on: of it, and of the entries after it.

    What ``allowed`` does not name is not known. Raises :class:`NotFound`, :class:`Refused` with every reason.
    """
    credential = credential_with_id(db, credential_id)
    hold_lock(db, f"credentials:{credential.practitioner_id or 'premises'}")
    problems = []
    if credential.kind is not CredentialKind.LICENCE:
        why = "Only a licence allows services, or does not."
        problems.append(block("credential.scope", why, "Enter it at the licence.", ""))
    services = {one.id for one in scopes().services}
    for strange in sorted(allowed.keys() - services):
        why = f"There is no service {strange}."
        problems.append(block("credential.scope", why, "Choose one of the list.", ""))
    if problems:
        raise Refused(" ".join(one.why for one in problems), problems)
    for one in credentials_beside(db, credential):
        if _is_same(one, credential) and one.valid_from >= credential.valid_from:
            one.scope = dict(allowed)
    db.flush()
    return credential


def _is_same(one: Credential, other: Credential) -> bool:
    return (one.kind, same_words(one.issuer), same_words(one.number)) == (
        other.kind, same_words(other.issuer), same_words(other.number),
    )  # fmt: skip
