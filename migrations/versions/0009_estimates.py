"""Estimates that are kept, and good-faith estimates."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
FACTS = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
INSTANT = sa.DateTime(timezone=True)

OCCASIONS = ("booking", "checkout")
KINDS = ("good_faith", "plain")
EVENTS = ("delivered", "acknowledged", "copied", "let_pass")
DELIVERIES = ("handed_over", "posted", "emailed", "portal")
APPEND_ONLY = ("session_estimate", "good_faith_estimate", "good_faith_event")


def upgrade() -> None:
    """Make room for what patients are told that care will cost."""
    _create_session_estimates()
    _create_good_faith_estimates()
    _create_history()
    for table in APPEND_ONLY:
        _freeze(table)


def downgrade() -> None:
    """Take all of it away again: what was estimated, told and signed, too. The papers stay, as nobody's.

    Keys are given anew after this: a paper that kept its owner would be taken for that of somebody else's estimate.
    """
    _set_documents_aside("owner_kind = 'estimate'", "withdrawn_estimate")
    for table in ("estimate_request", "good_faith_event", "good_faith_estimate", "session_estimate"):
        op.drop_table(table)
    op.execute("DELETE FROM counter WHERE series = 'estimate'")


def _set_documents_aside(which: str, owner: str) -> None:
    """Give documents an owner of their own, which nothing but a migration may: their rows are frozen."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    thaw, freeze = "ALTER TABLE document DISABLE TRIGGER", "ALTER TABLE document ENABLE TRIGGER"
    op.execute("DROP TRIGGER document_no_update" if is_sqlite else f"{thaw} document_no_change")
    op.execute(f"UPDATE document SET owner_kind = '{owner}', owner_id = id WHERE {which}")
    frozen = (
        "CREATE TRIGGER document_no_update BEFORE UPDATE ON document "
        "BEGIN SELECT RAISE(ABORT, 'document: rows are only ever added'); END"
    )
    op.execute(frozen if is_sqlite else f"{freeze} document_no_change")


def _create_session_estimates() -> None:
    op.create_table(
        "session_estimate",
        sa.Column("id", KEY, nullable=False),
        sa.Column("session_id", KEY, nullable=False),
        sa.Column("occasion", _words("occasion", OCCASIONS), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("payer_id", KEY, nullable=True),
        sa.Column("charge_cents", sa.BigInteger(), nullable=False),
        sa.Column("low_cents", KEY, nullable=True),
        sa.Column("expected_cents", KEY, nullable=True),
        sa.Column("high_cents", KEY, nullable=True),
        sa.Column("plan_cents", KEY, nullable=True),
        sa.Column("inputs", FACTS, nullable=False),
        sa.Column("sources", FACTS, nullable=False),
        sa.Column("shown", FACTS, nullable=False),
        sa.ForeignKeyConstraint(["payer_id"], ["payer.id"], name=op.f("fk_session_estimate_payer_id")),
        sa.ForeignKeyConstraint(["session_id"], ["clinic_session.id"], name=op.f("fk_session_estimate_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session_estimate")),
    )
    op.create_index("ix_session_estimate_session_id_id", "session_estimate", ["session_id", "id"])
    op.create_index("ix_session_estimate_payer_id_id", "session_estimate", ["payer_id", "id"])


def _create_good_faith_estimates() -> None:
    op.create_table(
        "good_faith_estimate",
        sa.Column("id", KEY, nullable=False),
        sa.Column("kind", _words("estimatekind", KINDS), nullable=False),
        sa.Column("number", KEY, nullable=False),
        sa.Column("version", KEY, nullable=False),
        sa.Column("supersedes_id", KEY, nullable=True),
        sa.Column("patient_id", KEY, nullable=False),
        sa.Column("practitioner_id", KEY, nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("issued_at", INSTANT, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("total_cents", sa.BigInteger(), nullable=False),
        sa.Column("scope", FACTS, nullable=False),
        sa.Column("snapshot", FACTS, nullable=False),
        sa.CheckConstraint("from_on <= to_on", name=op.f("ck_good_faith_estimate_begins_before_it_ends")),
        sa.CheckConstraint(
            "(version = 1) = (supersedes_id IS NULL)", name=op.f("ck_good_faith_estimate_later_versions_supersede")
        ),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_good_faith_estimate_patient_id")),
        sa.ForeignKeyConstraint(
            ["practitioner_id"], ["practitioner.id"], name=op.f("fk_good_faith_estimate_practitioner_id")
        ),
        sa.ForeignKeyConstraint(
            ["supersedes_id"], ["good_faith_estimate.id"], name=op.f("fk_good_faith_estimate_supersedes_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_good_faith_estimate")),
        sa.UniqueConstraint("number", "version", name=op.f("uq_good_faith_estimate_number_version")),
        sa.UniqueConstraint("supersedes_id", name=op.f("uq_good_faith_estimate_supersedes_id")),
    )
    op.create_index("ix_good_faith_estimate_patient_id_from_on", "good_faith_estimate", ["patient_id", "from_on"])


def _create_history() -> None:
    op.create_table(
        "good_faith_event",
        sa.Column("id", KEY, nullable=False),
        sa.Column("estimate_id", KEY, nullable=False),
        sa.Column("event", _words("estimateevent", EVENTS), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("how", _words("how", DELIVERIES), nullable=True),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("up_to_cents", KEY, nullable=True),
        sa.ForeignKeyConstraint(
            ["estimate_id"], ["good_faith_estimate.id"], name=op.f("fk_good_faith_event_estimate_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_good_faith_event")),
    )
    op.create_index(op.f("ix_good_faith_event_estimate_id"), "good_faith_event", ["estimate_id"])
    op.create_table(
        "estimate_request",
        sa.Column("id", KEY, nullable=False),
        sa.Column("patient_id", KEY, nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("withdrawn_at", INSTANT, nullable=True),
        sa.Column("why_withdrawn", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_estimate_request_patient_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_estimate_request")),
    )
    op.create_index(op.f("ix_estimate_request_patient_id"), "estimate_request", ["patient_id"])


def _freeze(table: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        for change in ("update", "delete"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{change} BEFORE {change.upper()} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table}: rows are only ever added'); END"
            )
        return
    for name, event, each in (("no_change", "UPDATE OR DELETE", "ROW"), ("no_truncate", "TRUNCATE", "STATEMENT")):
        op.execute(
            f"CREATE TRIGGER {table}_{name} BEFORE {event} ON {table} FOR EACH {each} EXECUTE FUNCTION refuse_change()"
        )


def _words(name: str, choices: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*choices, name=name, native_enum=False, create_constraint=True, length=24)
