"""What comes back: received files, answers, remittances, adjudications; refunds, receipts and statements."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
LIST = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

NEW_FROZEN = ("received_file", "claim_answer", "adjudicated_line", "provider_adjustment", "refund")

EVENTS_BEFORE = (
    "passed",
    "stopped",
    "taken",
    "delivered",
    "returned",
    "lost",
    "found",
    "missed",
    "rejected",
    "accepted",
    "denied",
    "paid",
    "closed",
    "replaced",
    "voided",
)
EVENTS = (*EVENTS_BEFORE, "forwarded", "reversed")
PAPERS_BEFORE = ("invoice", "superbill")
PAPERS = (*PAPERS_BEFORE, "receipt", "statement")
LEDGER_LAWS = ("ledger_posting_before_its_entry", "ledger_entry_sums_to_zero", "ledger_posting_stays_balanced")
STATEMENT = sa.text("kind = 'statement'")
POSTED = sa.text("state = 'posted'")


def _words(name: str, words: Iterable[str]) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=24)


def _admit(table: BatchOperations, column: str, name: str, words: Iterable[str]) -> None:
    """Make these the words that a column takes."""
    table.drop_constraint(op.f(name), type_="check")
    table.create_check_constraint(op.f(name), sa.column(column).in_([sa.literal(word) for word in words]))


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _freeze(table: str) -> None:
    if _is_sqlite():
        for change in ("update", "delete"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{change} BEFORE {change.upper()} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table}: rows are only ever added'); END"
            )
    else:
        op.execute(
            f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def _thaw(table: str) -> None:
    on = "" if _is_sqlite() else f" ON {table}"
    for trigger in ("no_update", "no_delete") if _is_sqlite() else ("no_change", "no_truncate"):
        op.execute(f"DROP TRIGGER {table}_{trigger}{on}")


def upgrade() -> None:
    """Make room for the answers."""
    _create_received_files()
    _create_remittances()
    _create_adjudications()
    _create_answers()
    _create_refunds()
    for table in NEW_FROZEN:
        _freeze(table)
    _admit_events(EVENTS)
    _widen_papers()
    _let_plans_be_kept()


def downgrade() -> None:
    """Take all of it away again, receipts and statements too."""
    _let_plans_be_made_anew()
    _narrow_papers()
    _admit_events(EVENTS_BEFORE)
    for table in ("refund", "claim_answer", "adjudicated_line", "adjudication", "provider_adjustment", "remittance"):
        op.drop_table(table)
    op.drop_table("received_file")
    op.drop_column("payment", "reference")


def _let_plans_be_kept() -> None:
    """Spare PostgreSQL planning the ledger's laws anew for every row: one that goes by an index never grows slow."""
    if not _is_sqlite():
        for law in LEDGER_LAWS:
            op.execute(f"ALTER FUNCTION {law}() SET plan_cache_mode = force_generic_plan SET enable_seqscan = off")


def _let_plans_be_made_anew() -> None:
    if not _is_sqlite():
        for law in LEDGER_LAWS:
            op.execute(f"ALTER FUNCTION {law}() RESET ALL")


def _create_received_files() -> None:
    op.create_table(
        "received_file",
        sa.Column("id", KEY, nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_received_file")),
        sa.UniqueConstraint("sha256", name=op.f("uq_received_file_sha256")),
    )


def _create_remittances() -> None:
    op.create_table(
        "remittance",
        sa.Column("id", KEY, nullable=False),
        sa.Column("file_id", KEY, nullable=False),
        sa.Column("ordinal", KEY, nullable=False),
        sa.Column("payment_key", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("trace_number", sa.Text(), nullable=False),
        sa.Column("payer_name", sa.Text(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=True),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("paid_cents", sa.BigInteger(), nullable=False),
        sa.Column("claims", KEY, nullable=False),
        sa.Column("state", _words("remittancestate", ("posted", "queued")), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("arithmetic", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["received_file.id"], name=op.f("fk_remittance_file_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remittance")),
        sa.UniqueConstraint("payment_key", "digest", name=op.f("uq_remittance_payment_key_digest")),
    )
    op.create_index(op.f("ix_remittance_file_id"), "remittance", ["file_id"])
    op.create_index(
        "uq_remittance_posted",
        "remittance",
        ["payment_key"],
        unique=True,
        sqlite_where=POSTED,
        postgresql_where=POSTED,
    )
    op.create_table(
        "provider_adjustment",
        sa.Column("remittance_id", KEY, nullable=False),
        sa.Column("position", KEY, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["remittance_id"], ["remittance.id"], name=op.f("fk_provider_adjustment_remittance_id")
        ),
        sa.PrimaryKeyConstraint("remittance_id", "position", name=op.f("pk_provider_adjustment")),
    )


def _create_adjudications() -> None:
    op.create_table(
        "adjudication",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("claim_id", KEY, nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("status_code", sa.Text(), nullable=False),
        sa.Column("payer_claim_number", sa.Text(), nullable=False),
        sa.Column("charge_cents", sa.BigInteger(), nullable=False),
        sa.Column("paid_cents", sa.BigInteger(), nullable=False),
        sa.Column("patient_cents", sa.BigInteger(), nullable=False),
        sa.Column("is_denial", sa.Boolean(), nullable=False),
        sa.Column("remarks", LIST, nullable=False),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reversed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"], name=op.f("fk_adjudication_claim_id")),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_adjudication")),
    )
    op.create_index("ix_adjudication_claim_id", "adjudication", ["claim_id"])
    op.create_table(
        "adjudicated_line",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("position", KEY, nullable=False),
        sa.Column("charge_id", KEY, nullable=False),
        sa.Column("paid_cents", sa.BigInteger(), nullable=False),
        sa.Column("adjustments", LIST, nullable=False),
        sa.Column("remarks", LIST, nullable=False),
        sa.Column("is_denied", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["charge_id"], ["charge.id"], name=op.f("fk_adjudicated_line_charge_id")),
        sa.ForeignKeyConstraint(["source"], ["adjudication.source"], name=op.f("fk_adjudicated_line_source")),
        sa.PrimaryKeyConstraint("source", "position", name=op.f("pk_adjudicated_line")),
    )
    op.create_index("ix_adjudicated_line_charge_id", "adjudicated_line", ["charge_id"])


def _create_answers() -> None:
    op.create_table(
        "claim_answer",
        sa.Column("id", KEY, nullable=False),
        sa.Column("claim_id", KEY, nullable=False),
        sa.Column("file_id", KEY, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("verdict", _words("verdict", ("accepted", "rejected", "received", "noted")), nullable=False),
        sa.Column("said_on", sa.Date(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"], name=op.f("fk_claim_answer_claim_id")),
        sa.ForeignKeyConstraint(["file_id"], ["received_file.id"], name=op.f("fk_claim_answer_file_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_answer")),
        sa.UniqueConstraint(
            "claim_id", "kind", "reference", "code", name=op.f("uq_claim_answer_claim_id_kind_reference_code")
        ),
    )
    op.create_index(op.f("ix_claim_answer_file_id"), "claim_answer", ["file_id"])


def _create_refunds() -> None:
    op.add_column("payment", sa.Column("reference", sa.Text(), nullable=True))
    op.create_table(
        "refund",
        sa.Column("id", KEY, nullable=False),
        sa.Column("payment_id", KEY, nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("method", _words("paymentmethod", ("card", "cash", "check", "other")), nullable=False),
        sa.Column("refunded_on", sa.Date(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_refund_payment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund")),
    )
    op.create_index(op.f("ix_refund_payment_id"), "refund", ["payment_id"])


def _admit_events(events: Iterable[str]) -> None:
    with op.batch_alter_table("claim_move") as move:
        _admit(move, "event", "ck_claim_move_claimevent", events)
    _freeze_again("claim_move")


def _widen_papers() -> None:
    with op.batch_alter_table("paper") as paper:
        paper.add_column(sa.Column("payment_id", KEY, nullable=True))
        paper.add_column(sa.Column("refund_id", KEY, nullable=True))
        paper.alter_column("session_id", existing_type=KEY, nullable=True)
        paper.create_unique_constraint(op.f("uq_paper_payment_id"), ["payment_id"])
        paper.create_unique_constraint(op.f("uq_paper_refund_id"), ["refund_id"])
        paper.create_foreign_key(op.f("fk_paper_payment_id"), "payment", ["payment_id"], ["id"])
        paper.create_foreign_key(op.f("fk_paper_refund_id"), "refund", ["refund_id"], ["id"])
        _admit(paper, "kind", "ck_paper_paperkind", PAPERS)
    op.create_index(
        "uq_paper_statement",
        "paper",
        ["patient_id", "issued_on"],
        unique=True,
        sqlite_where=STATEMENT,
        postgresql_where=STATEMENT,
    )
    _freeze_again("paper")


def _narrow_papers() -> None:
    _thaw("paper")
    op.drop_index("uq_paper_statement", "paper")
    op.execute("DELETE FROM paper WHERE kind IN ('receipt', 'statement')")
    with op.batch_alter_table("paper") as paper:
        paper.drop_constraint(op.f("fk_paper_payment_id"), type_="foreignkey")
        paper.drop_constraint(op.f("fk_paper_refund_id"), type_="foreignkey")
        paper.drop_constraint(op.f("uq_paper_payment_id"), type_="unique")
        paper.drop_constraint(op.f("uq_paper_refund_id"), type_="unique")
        paper.alter_column("session_id", existing_type=KEY, nullable=False)
        paper.drop_column("payment_id")
        paper.drop_column("refund_id")
        _admit(paper, "kind", "ck_paper_paperkind", PAPERS_BEFORE)
    _freeze("paper")


def _freeze_again(table: str) -> None:
    """SQLite changes a check by making the table anew, and its triggers go with the old one."""
    if _is_sqlite():
        _freeze(table)
