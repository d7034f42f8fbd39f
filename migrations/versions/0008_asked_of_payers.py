"""Payers are asked: eligibility questions and answers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
FACTS = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
INSTANT = sa.DateTime(timezone=True)

STATES = ("to_send", "sending", "sent", "answered", "rejected", "unknown", "failed")
EVENTS = ("asked", "taken", "delivered", "returned", "lost", "refused", "answered", "rejected")
OCCASIONS = ("person", "booking", "visit", "new_year", "change", "again")
FACT_KINDS = (
    "active", "covered", "copay", "coinsurance", "deductible", "deductible_left", "family_deductible",
    "family_deductible_left", "out_of_pocket", "out_of_pocket_left", "family_out_of_pocket",
    "family_pocket_left", "visits_allowed", "visits_left", "dollars_allowed", "dollars_left", "period",
    "shared", "authorisation", "plan", "group", "starts_on", "ends_on",
)  # fmt: skip
APPEND_ONLY = ("eligibility_move", "eligibility_answer", "eligibility_override")


def upgrade() -> None:
    """Make room for questions and answers."""
    op.add_column("payer", sa.Column("takes_one_service_type", sa.Boolean(), server_default=sa.false(), nullable=False))
    _create_questions()
    _create_answers()
    for table in APPEND_ONLY:
        _freeze(table)


def downgrade() -> None:
    """Take all of it away again: what was asked and what was said, too."""
    for table in ("eligibility_override", "eligibility_answer", "eligibility_move", "eligibility_question"):
        op.drop_table(table)
    op.drop_column("payer", "takes_one_service_type")


def _create_questions() -> None:
    op.create_table(
        "eligibility_question",
        sa.Column("id", KEY, nullable=False),
        sa.Column("trace", sa.Text(), nullable=False),
        sa.Column("slot", sa.Text(), nullable=True),
        sa.Column("occasion", _words("occasion", OCCASIONS), nullable=False),
        sa.Column("patient_id", KEY, nullable=False),
        sa.Column("policy_id", KEY, nullable=False),
        sa.Column("payer_id", KEY, nullable=False),
        sa.Column("about_on", sa.Date(), nullable=False),
        sa.Column("service_types", FACTS, nullable=False),
        sa.Column("policy_sha256", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("state", _words("questionstate", STATES), nullable=False),
        sa.Column("moved_at", INSTANT, nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("taken_at", INSTANT, nullable=True),
        sa.Column("tries", KEY, nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("file_number", KEY, nullable=True),
        sa.Column("file_name", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_eligibility_question_patient_id")),
        sa.ForeignKeyConstraint(["payer_id"], ["payer.id"], name=op.f("fk_eligibility_question_payer_id")),
        sa.ForeignKeyConstraint(["policy_id"], ["policy.id"], name=op.f("fk_eligibility_question_policy_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_eligibility_question")),
        sa.UniqueConstraint("slot", name=op.f("uq_eligibility_question_slot")),
        sa.UniqueConstraint("trace", name=op.f("uq_eligibility_question_trace")),
    )
    op.create_index("ix_eligibility_question_policy_id_id", "eligibility_question", ["policy_id", "id"])
    for state, column in (("to_send", "id"), ("sending", "taken_at")):
        only = sa.text(f"state = '{state}'")
        op.create_index(
            f"ix_eligibility_question_{state}", "eligibility_question", [column],
            sqlite_where=only, postgresql_where=only,
        )  # fmt: skip
    for column in ("patient_id", "file_number"):
        op.create_index(op.f(f"ix_eligibility_question_{column}"), "eligibility_question", [column])
    op.create_table(
        "eligibility_move",
        sa.Column("id", KEY, nullable=False),
        sa.Column("question_id", KEY, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("event", _words("questionevent", EVENTS), nullable=False),
        sa.Column("from_state", _words("from_state", STATES), nullable=True),
        sa.Column("to_state", _words("to_state", STATES), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["question_id"], ["eligibility_question.id"], name=op.f("fk_eligibility_move_question_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_eligibility_move")),
    )
    op.create_index(op.f("ix_eligibility_move_question_id"), "eligibility_move", ["question_id"])


def _create_answers() -> None:
    op.create_table(
        "eligibility_answer",
        sa.Column("id", KEY, nullable=False),
        sa.Column("file_id", KEY, nullable=False),
        sa.Column("position", KEY, nullable=False),
        sa.Column("question_id", KEY, nullable=True),
        sa.Column("policy_id", KEY, nullable=True),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("produced_on", sa.Date(), nullable=True),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("rows", FACTS, nullable=False),
        sa.Column("reading", FACTS, nullable=False),
        sa.Column("is_rejection", sa.Boolean(), nullable=False),
        sa.Column("applied_at", INSTANT, nullable=True),
        sa.Column("why_not_applied", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["received_file.id"], name=op.f("fk_eligibility_answer_file_id")),
        sa.ForeignKeyConstraint(["policy_id"], ["policy.id"], name=op.f("fk_eligibility_answer_policy_id")),
        sa.ForeignKeyConstraint(
            ["question_id"], ["eligibility_question.id"], name=op.f("fk_eligibility_answer_question_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_eligibility_answer")),
        sa.UniqueConstraint("file_id", "position", name=op.f("uq_eligibility_answer_file_id_position")),
    )
    op.create_index("ix_eligibility_answer_policy_id_id", "eligibility_answer", ["policy_id", "id"])
    op.create_index(op.f("ix_eligibility_answer_question_id"), "eligibility_answer", ["question_id"])
    op.create_table(
        "eligibility_override",
        sa.Column("id", KEY, nullable=False),
        sa.Column("policy_id", KEY, nullable=False),
        sa.Column("answer_id", KEY, nullable=False),
        sa.Column("fact", _words("factkind", FACT_KINDS), nullable=False),
        sa.Column("stands", sa.Boolean(), nullable=False),
        sa.Column("value", FACTS, nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["answer_id"], ["eligibility_answer.id"], name=op.f("fk_eligibility_override_answer_id")
        ),
        sa.ForeignKeyConstraint(["policy_id"], ["policy.id"], name=op.f("fk_eligibility_override_policy_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_eligibility_override")),
    )
    op.create_index(op.f("ix_eligibility_override_policy_id"), "eligibility_override", ["policy_id"])


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
