"""What came back at once: an answer, a refusal of the file, or something that is neither."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from billing.coverage.eligibility.lifecycle import QuestionEvent, QuestionState
from billing.coverage.eligibility.moving import Move, held, move
from billing.database import Db
from billing.documents.receiving import receive
from billing.edi.kinds import kind_of
from billing.operations.eligibility.applying import places_in, take_in_answers

_ACKNOWLEDGEMENTS = frozenset({"999", "997", "TA1"})


@dataclass(frozen=True, slots=True)
class Heard:
    """The bytes that came back, which the document store holds already."""

    asked_in: str
    """Name of the file they answer."""
    sha256: str
    content: bytes


def hear(db: Db, heard: Heard, question_ids: Collection[int], *, by: str, at: datetime) -> None:
    """Take in what came back to these questions, whatever it is."""
    kind = kind_of(heard.content)
    name = f"{heard.asked_in.rpartition('.')[0]}.{kind.lower() if kind.isalnum() else 'answer'}"
    received = receive(db, name, heard.sha256, len(heard.content), kind, at)
    take_in_answers(db, received.file_id, places_in(heard.content, []), by=by, at=at)
    silent = [one for one in held(db, question_ids).values() if one.state is QuestionState.SENT]
    if kind in _ACKNOWLEDGEMENTS:
        why = f"The clearinghouse refused the question ({kind}) and did not pass it on."
        move(db, [Move(one.id, one.state, QuestionEvent.REJECTED, why) for one in silent], by=by, at=at)
