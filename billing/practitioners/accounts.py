"""The accounts with which practitioners sign in: whose signature an account gives."""

from __future__ import annotations

from sqlalchemy import select

from billing.access.models import User
from billing.access.permissions import Permission, may
from billing.access.queries import user_of
from billing.access.users import ACCOUNTS
from billing.database import Db, hold_lock
from billing.errors import NotFound, Refused, block
from billing.practitioners.models import Practitioner, PractitionerAccount


def practitioner_of_user(db: Db, user_id: int) -> Practitioner | None:
    """The practitioner who signs in with that account."""
    return db.scalar(
        select(Practitioner)
        .join(PractitionerAccount, PractitionerAccount.practitioner_id == Practitioner.id)
        .where(PractitionerAccount.user_id == user_id)
    )


def account_of(db: Db, practitioner_id: int) -> User | None:
    """The account with which a practitioner signs in."""
    return db.scalar(
        select(User)
        .join(PractitionerAccount, PractitionerAccount.user_id == User.id)
        .where(PractitionerAccount.practitioner_id == practitioner_id)
    )


def link_account(db: Db, practitioner_id: int, user_id: int | None) -> None:
    """Have a practitioner sign in, and so sign notes, with that account; ``None`` takes it away.

    Raises :class:`Refused` when the account's role does not sign notes or it is another practitioner's,
    :class:`NotFound` when there is no such practitioner or account. Accounts are locked for the length of the
    caller's transaction, so that two owners cannot give one account to two practitioners, nor its role change.
    """
    hold_lock(db, ACCOUNTS)
    if db.get(Practitioner, practitioner_id) is None:
        raise NotFound("There is no such practitioner.")
    known = db.get(PractitionerAccount, practitioner_id)
    if user_id is None:
        if known is not None:
            db.delete(known)
        return
    _refuse_unfit(db, user_of(db, user_id), practitioner_id)
    if known is None:
        db.add(PractitionerAccount(practitioner_id=practitioner_id, user_id=user_id))
    else:
        known.user_id = user_id
    db.flush()


def _refuse_unfit(db: Db, user: User, practitioner_id: int) -> None:
    where = "field:user"
    if not may(user.role, Permission.SIGN):
        why = f"{user.email} has a role that does not sign notes."
        raise Refused(why, [block("account.role", why, "Choose an account with the role of a practitioner.", where)])
    theirs = practitioner_of_user(db, user.id)
    if theirs is not None and theirs.id != practitioner_id:
        why = f"{user.email} is the account of {theirs.first_name} {theirs.last_name}."
        raise Refused(why, [block("account.taken", why, "Give each practitioner an account of their own.", where)])
