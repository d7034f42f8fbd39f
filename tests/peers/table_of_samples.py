"""A table of what each public sample gave.

``python -m tests.peers.table_of_samples`` writes it to ``docs/sample-interchanges.md``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from itertools import groupby
from pathlib import Path

from billing.edi.acknowledgements.answer import GroupAnswer
from billing.edi.acknowledgements.reader import read_acknowledgements
from billing.edi.claim_837p.reader import read_837p
from billing.edi.claim_status.reader import read_status
from billing.edi.eligibility_270.reader import read_270
from billing.edi.eligibility_271.reader import read_271
from billing.edi.envelope import transactions
from billing.edi.findings import Finding
from billing.edi.remittance_835.reader import read_835
from billing.errors import Severity
from tests.peers.samples import samples

PAGE = Path(__file__).resolve().parents[2] / "docs" / "sample-interchanges.md"

INTRODUCTION = """\
# What the public sample interchanges give

Clinics receive files that the standard does not allow, and still have to be paid. These are sample interchanges
that others have published, many of them faulty on purpose or by accident. For each one the table says
what Meridian reads in it and what it finds wrong with it; findings that weigh nothing (a lawful segment that is not
needed) are left out. A finding in **bold** means that what stands there cannot be relied on.

Files are named `repository__name`. They are not part of this project.

`python -m tests.peers.table_of_samples` writes this page, and a test holds it up to date.
"""

Reading = tuple[str, list[Finding]]


def of_claims(content: bytes) -> Reading:
    """An 837P."""
    batches, findings = read_837p(content)
    claims = [claim for batch in batches for claim in batch.claims]
    lines = sum(len(claim.lines) for claim in claims)
    return f"{counted(len(claims), 'claim')}, {counted(lines, 'line')}", findings


def of_payments(content: bytes) -> Reading:
    """An 835."""
    findings: list[Finding] = []
    payments = claims = lines = imbalances = 0
    for payment in read_835(content, findings):
        for claim in payment.claims():
            claims += 1
            lines += len(claim.lines)
        payments += 1
        imbalances += not payment.balance.is_balanced
    balance = f"; **{counted(imbalances, 'payment')} out of balance**" if imbalances else "; balanced"
    read = (counted(payments, "payment"), counted(claims, "claim"), counted(lines, "line"))
    return ", ".join(read) + balance, findings


def of_acknowledgements(content: bytes) -> Reading:
    """A 999, a 997 or a TA1."""
    findings: list[Finding] = []
    answers = read_acknowledgements(content, findings)
    told = []
    for answer in answers:
        sets = Counter(one.decision for one in answer.sets) if isinstance(answer, GroupAnswer) else Counter()
        decisions = ", ".join(
            f"{number} {decision.name.lower().replace('_', ' ')}" for decision, number in sets.items()
        )
        told.append(f"{answer.decision.name.lower().replace('_', ' ')} (sets: {decisions})")
    return f"{counted(len(answers), 'answer')}: {'; '.join(told)}", findings


def of_statuses(content: bytes) -> Reading:
    """A 277CA or a 277."""
    findings: list[Finding] = []
    reports = [report for file in read_status(content, findings) for report in file.reports]
    levels = Counter(report.level.name.lower() for report in reports)
    categories = Counter(
        status.category for report in reports for statement in report.statements for status in statement.statuses
    )
    at = ", ".join(f"{number} of {level}" for level, number in sorted(levels.items()))
    said = ", ".join(f"{category} {number}" for category, number in sorted(categories.items()))
    return f"{counted(len(reports), 'report')} ({at}); categories {said}", findings


def of_eligibility(content: bytes) -> Reading:
    """A 271."""
    findings: list[Finding] = []
    answers = read_271(content, findings)
    rows = sum(len(answer.benefits) for answer in answers)
    rejections = sum(len(answer.rejections) for answer in answers)
    read = (counted(len(answers), "answer"), counted(rows, "benefit row"), counted(rejections, "rejection"))
    return ", ".join(read), findings


def of_questions(content: bytes) -> Reading:
    """A 270."""
    findings: list[Finding] = []
    asked = read_270(content, findings)
    types = [one for inquiry in asked for one in inquiry.service_types]
    return f"{counted(len(asked), 'question')} about {counted(len(types), 'kind')} of service", findings


def of_nothing(content: bytes) -> Reading:
    """What Meridian has no reader for; the envelopes are looked at all the same."""
    findings: list[Finding] = []
    for _ in transactions(content, findings):
        pass
    return "not read", findings


KINDS: dict[str, tuple[str, Callable[[bytes], Reading]]] = {
    "835": ("Payment advice (835)", of_payments),
    "837P": ("Professional claims (837P)", of_claims),
    "277CA": ("Claim acknowledgement (277CA)", of_statuses),
    "277": ("Claim status response (277)", of_statuses),
    "999": ("Implementation acknowledgement (999)", of_acknowledgements),
    "997": ("Functional acknowledgement (997), the older form of the 999", of_acknowledgements),
    "271": ("Eligibility response (271)", of_eligibility),
    "270": ("Eligibility question (270), as the sandbox payer reads it", of_questions),
    "276": ("Claim status question (276): read by payers, so not read", of_nothing),
    "837I": ("Institutional claims (837I): not read, because acupuncture is billed on professional claims", of_nothing),
    "837": ("Claims of other kinds (837): not read", of_nothing),
}


def counted(number: int, what: str) -> str:
    """Such as ``1 claim`` or ``2 claims``."""
    return f"{number} {what}" + ("" if number == 1 else "s")


def page() -> str:
    """The whole page."""
    return "\n".join([INTRODUCTION, *sections()])


def sections() -> Iterable[str]:
    """A table for each kind of file; kinds without a name here come last, under that of their folder."""
    order = list(KINDS)
    files = sorted(samples(), key=lambda path: (order.index(kind_of(path)), path.name))
    for kind, of_kind in groupby(files, key=kind_of):
        title, read = KINDS[kind]
        yield f"## {title}\n\n| file | transaction sets | what was read | findings |\n|---|---|---|---|"
        yield from (row(path, read) for path in of_kind)
        yield ""


def kind_of(path: Path) -> str:
    """The kind of a sample is the name of its folder."""
    return path.parent.name


def row(path: Path, read: Callable[[bytes], Reading]) -> str:
    """One line of a table."""
    content = path.read_bytes()
    what, findings = read(content)
    sets = Counter(transaction.set_id or "without ST" for transaction in transactions(content, []))
    held = ", ".join(set_id if number == 1 else f"{number} of {set_id}" for set_id, number in sorted(sets.items()))
    return f"| `{path.name}` | {held or 'none'} | {what} | {rules_of(findings)} |"


def rules_of(findings: list[Finding]) -> str:
    """The rules that were broken and how often, the weightiest first."""
    counts = Counter((finding.severity, finding.rule) for finding in findings)
    broken = sorted(
        (severity is not Severity.BLOCK, rule, number)
        for (severity, rule), number in counts.items()
        if severity is not Severity.INFO
    )
    return ", ".join(f"{rule if light else f'**{rule}**'} {number}" for light, rule, number in broken) or "none"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
