"""One round: what the rules want is written down, and what is written down is asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from billing import clock
from billing.operations.eligibility.planning import ask_what_is_due
from billing.operations.eligibility.sending import (
    BY,
    Asked,
    QuestionsToAsk,
    asking_at_once,
    asking_by_file,
)
from billing.operations.errands.means import Means
from billing.ports import EligibilityLine
from billing.relay import Delivery, carry_out, relay


def ask_payers(
    means: Means,
    line: EligibilityLine | None,
    progress: Callable[[int], None] = lambda done: None,
    *,
    by_rules: bool = True,
    by: str = BY,
) -> Sequence[Delivery[QuestionsToAsk, Asked]]:
    """Ask what is due: over ``line`` where a payer answers at once, else by file; gives what became of each.

    ``by_rules``: not only what people asked for.
    """
    if by_rules:
        carry_out(means.database, lambda db: ask_what_is_due(db, clock.now()))
    if line is not None:
        return relay(means.database, asking_at_once(means.documents, line, means.file_settings, by), progress)
    route = asking_by_file(means.documents, means.clearinghouse, means.file_settings, by)
    return relay(means.database, route, progress)
