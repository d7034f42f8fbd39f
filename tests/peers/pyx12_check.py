"""pyx12 4.0.0 as a judge of our 837P files: ``pyx12_findings(text)`` lists what it has against them.

It is handed text and not a path (it reads paths as ASCII only), its complaints are taken from its log
(its JSON leaves out those about envelope segments), it crashes on some faulty files, and its lists of
remark and claim status codes are old; all of that is dealt with here.
"""

from __future__ import annotations

import io
import logging

import pyx12.params
import pyx12.x12n_document

_OLD_LISTS = "remark_code,claim_status"


class _Complaints(logging.Handler):
    """Keeps what pyx12 logs at level error or above."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Take one complaint."""
        self.texts.append(record.getMessage())


def pyx12_findings(text: str) -> list[str]:
    """What pyx12 has against the interchange in ``text``; an empty list means it accepts the file."""
    params = pyx12.params.params()
    params.set("exclude_external_codes", _OLD_LISTS)
    complaints = _Complaints()
    logger = logging.getLogger("pyx12")
    was_propagating, logger.propagate = logger.propagate, False
    logger.addHandler(complaints)
    try:
        accepted = pyx12.x12n_document.x12n_document(params, io.StringIO(text), None, None)
    except Exception as crash:
        return [*complaints.texts, f"pyx12 crashed: {crash!r}"]
    finally:
        logger.removeHandler(complaints)
        logger.propagate = was_propagating
    return complaints.texts or ([] if accepted else ["pyx12 refuses the file without a reason"])
