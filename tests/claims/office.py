"""A billing office on stage: a clinic in which every rule is content, and the world around it in memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa

from billing import clock
from billing.adapters.memory import MemoryClearinghouse, MemoryStore
from billing.claims.content.snapshot import SNAPSHOT, FiledClaim
from billing.claims.filing.preparing import FileSettings, preparing_route
from billing.claims.filing.sending import filing_route
from billing.claims.lifecycle import ClaimState
from billing.claims.models import Claim, ClaimMove, FiledVersion
from billing.claims.queries import problems_of
from billing.database import Base, Database, Db
from billing.documents.keeping import note_handed_out
from billing.edi.claim_837p.claim import ProfessionalClaim, Receiver
from billing.edi.claim_837p.reader import read_837p
from billing.edi.envelope_writer import Usage
from billing.errors import Severity
from billing.operations.billing_report import summary
from billing.operations.billing_run import BillingRun, run_billing
from billing.operations.handing_out import files_to_tell_of, papers_to_hand_out
from billing.relay import relay
from billing.sessions.models import ClinicSession
from tests.factories import Scene, set_scene

THROUGH = date(2026, 3, 31)
BILLED_AT = datetime(2026, 3, 31, 20, 0, tzinfo=UTC)
SETTINGS = FileSettings(Receiver("Example Clearinghouse", "EXAMPLE"), Usage.TEST)


@dataclass
class Office:
    """The clinic, what it keeps, and whom it sends to."""

    database: Database
    scene: Scene
    store: MemoryStore = field(default_factory=MemoryStore)
    clearinghouse: MemoryClearinghouse = field(default_factory=MemoryClearinghouse)

    def visit(self, on: date = date(2026, 3, 3), **changes: Any) -> ClinicSession:
        """A signed insurance session that clears every rule, unless ``changes`` say otherwise."""
        with self.database.transaction() as db:
            return self.scene.visit(db, on, **changes)

    def write(self, make: Callable[[Db], Any]) -> Any:
        """Whatever ``make`` writes, committed."""
        with self.database.transaction() as db:
            return make(db)

    def edit(self, row: Base, **cells: Any) -> None:
        """Change a record, as somebody at the desk would."""
        with self.database.transaction() as db:
            key = sa.inspect(row).identity
            assert key is not None
            kept = db.get_one(type(row), key)
            for name, value in cells.items():
                setattr(kept, name, value)

    def bill(self, through: date = THROUGH, at: datetime = BILLED_AT, *, refile: Sequence[str] = ()) -> dict[str, Any]:
        """One billing run and its report, its papers handed to nobody in particular."""
        run = BillingRun(through, refile)
        with clock.stopped_at(at):
            run_billing(self.database, run, self.store, self.clearinghouse, SETTINGS)
        with self.database.reading() as db:
            report, papers = summary(db, run), papers_to_hand_out(db)
        with self.database.transaction() as db:
            note_handed_out(db, [*files_to_tell_of(db), *(paper.document_id for paper in papers)], at)
        return report

    def file_ready(self) -> None:
        """Write what is ready into files and send them, without judging anything again."""
        with clock.stopped_at(BILLED_AT):
            relay(self.database, preparing_route(self.store, SETTINGS))
            relay(self.database, filing_route(self.store, self.clearinghouse))

    def claims(self) -> list[Claim]:
        """All claims, oldest first."""
        with self.database.reading() as db:
            return list(db.scalars(sa.select(Claim).order_by(Claim.id)))

    def claim(self, session: ClinicSession) -> Claim:
        """The one claim of a session."""
        with self.database.reading() as db:
            return db.scalars(sa.select(Claim).where(Claim.session_id == session.id)).one()

    def states(self) -> list[ClaimState]:
        """Where the claims stand, oldest first."""
        return [claim.state for claim in self.claims()]

    def holding(self, session: ClinicSession) -> list[str]:
        """The rules that hold the session's claim."""
        claim = self.claim(session)
        with self.database.reading() as db:
            found = problems_of(db, [claim.id])[claim.id]
        return [one.rule for one in found if one.severity is Severity.BLOCK]

    def warnings(self, session: ClinicSession) -> list[str]:
        """The rules that only want someone to look at the session's claim."""
        claim = self.claim(session)
        with self.database.reading() as db:
            found = problems_of(db, [claim.id])[claim.id]
        return [one.rule for one in found if one.severity is not Severity.BLOCK]

    def moves(self, claim: Claim) -> list[ClaimMove]:
        """The claim's history."""
        with self.database.reading() as db:
            asked = sa.select(ClaimMove).where(ClaimMove.claim_id == claim.id).order_by(ClaimMove.id)
            return list(db.scalars(asked))

    def frozen(self) -> dict[str, FiledClaim]:
        """Every filed version as it was frozen, by control number."""
        with self.database.reading() as db:
            snapshots = db.scalars(sa.select(FiledVersion.snapshot)).all()
        kept = [SNAPSHOT.validate_python(each) for each in snapshots]
        return {one.claim.control_number: one for one in kept}

    def received(self) -> dict[str, ProfessionalClaim]:
        """What the clearinghouse can read in the files it has received, by control number."""
        claims = {}
        for _, content in self.clearinghouse.received:
            batches, findings = read_837p(content)
            assert findings == []
            claims.update({claim.control_number: claim for batch in batches for claim in batch.claims})
        return claims

    def sent(self, session: ClinicSession) -> ProfessionalClaim:
        """The session's claim as the clearinghouse received it."""
        return self.received()[self.claim(session).control_number]


def open_office(database: Database, **scene: Any) -> Office:
    """An office in an empty database; ``scene`` goes to ``set_scene``."""
    with database.transaction() as db:
        return Office(database, set_scene(db, **scene))
