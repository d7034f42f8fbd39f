"""After a change that held claims may have waited for, they are judged again at once."""

from __future__ import annotations

from flask import flash

from billing.operations.errands.asking import ask
from billing.operations.errands.kinds import ErrandKind
from billing.operations.rechecking import held_claims
from billing.web.endpoint import Call


def judge_held_again(call: Call) -> None:
    """Have the workers judge every held claim again, if there is any; nobody need wait for it."""
    if held_claims(call.db):
        ask(call.db, ErrandKind.RECHECK, {"on": call.today.isoformat()}, call.person.user_id, call.at)
        call.ring()
        flash("Held claims are judged again now. What waited for this alone is let go by the next billing run.")
