"""A clearinghouse with a payer behind it that answers at once: to learn with, to show, and to test against."""

from __future__ import annotations

from pathlib import Path

from billing.adapters.clearinghouse_folder import FolderClearinghouse
from billing.adapters.durable_files import write_durably
from billing.adapters.sandbox.answering import answers_to
from billing.adapters.sandbox.answering_about_cover import answers_about_cover
from billing.adapters.sandbox.rates import Rates
from billing.adapters.sandbox.remembering import Memory
from billing.errors import NotDelivered

_REMITTANCE = ".835"
_ABOUT_COVER = ".271"
_LAST = ".999"
"""Written behind all other answers, so that a file with this one has been answered whole."""


class SandboxClearinghouse:
    """A :class:`billing.ports.Clearinghouse` that keeps each file in one folder and puts its answers into another.

    An answer has the name of the file it answers with the ending ``.999``, ``.277`` or ``.835``; that to eligibility
    questions ends with ``.271``. A file that holds neither is kept and not answered. It is no place for real claims:
    nothing leaves this machine. It is a :class:`billing.ports.EligibilityLine` too.
    """

    def __init__(self, folder: Path, answers: Path, memory: Path, seed: str, rates: Rates | None = None) -> None:
        """``memory`` is where the payer keeps its remittances, wherever claims and answers lie.

        It remembers those whose names sort before that of the file it answers.
        """
        self.answers = answers
        self.memory = memory
        self.seed = seed
        self.rates = rates or Rates()
        self._claims = FolderClearinghouse(folder)

    def submit(self, name: str, content: bytes) -> None:
        """Take the file and answer it. The same file again is answered no second time."""
        self._claims.submit(name, content)
        try:
            if not self._path(name, _LAST).exists():
                self._answer(name, content)
        except OSError as error:
            raise NotDelivered(
                f"The answers folder cannot be written: {error.strerror}. Make room and repeat."
            ) from None

    def ask(self, content: bytes) -> bytes:
        """The answer to a question at once."""
        answer = answers_about_cover(content, self.seed)
        if not answer:
            raise NotDelivered("The sandbox payer cannot read this question.", is_final=True)
        return answer

    def _answer(self, name: str, content: bytes) -> None:
        if about_cover := answers_about_cover(content, self.seed):
            write_durably(self._path(name, _ABOUT_COVER), about_cover)
            return
        answers = answers_to(content, self._memory_before(name), self.rates, self.seed)
        if _REMITTANCE in answers:
            write_durably(self.memory / self._path(name, _REMITTANCE).name, answers[_REMITTANCE])
        for ending in sorted(answers, key=lambda one: (one == _LAST, one)):
            write_durably(self._path(name, ending), answers[ending])

    def _memory_before(self, name: str) -> Memory:
        own = self.memory / self._path(name, _REMITTANCE).name
        earlier = sorted((path for path in self.memory.glob(f"*{_REMITTANCE}") if path < own), reverse=True)
        return Memory([path.read_bytes for path in earlier])

    def _path(self, name: str, ending: str) -> Path:
        return self.answers / f"{Path(name).stem}{ending}"
