"""The clinic runs by itself: messages with their histories, consent, what the clock asks for, signs of life."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
FACTS = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
INSTANT = sa.DateTime(timezone=True)

RULES = ("session_in_3_days", "session_tomorrow", "follow_up", "recall", "licence")
CHANNELS = ("text", "email")
STATES = ("planned", "sending", "sent", "unknown", "withheld", "failed")
EVENTS = ("planned", "taken", "delivered", "returned", "lost", "refused", "withheld", "released")

NEW_COLUMNS: dict[str, tuple[tuple[str, sa.types.TypeEngine[object]], ...]] = {
    "patient": (("time_zone", sa.Text()),),
    "clinic_session": (("confirmed_at", INSTANT),),
}
"""All of them may be empty."""
APPEND_ONLY = ("message_move", "consent_given")


def upgrade() -> None:
    """Make room for what happens by itself."""
    for table, columns in NEW_COLUMNS.items():
        for name, type_ in columns:
            op.add_column(table, sa.Column(name, type_, nullable=True))
    with op.batch_alter_table("errand") as errand:
        errand.alter_column("asked_by_id", existing_type=KEY, nullable=True)
        errand.add_column(sa.Column("period", sa.Text(), nullable=True))
        errand.add_column(sa.Column("tries", KEY, nullable=False, server_default="0"))
        errand.create_unique_constraint("uq_errand_period", ["period"])
    with op.batch_alter_table("errand") as errand:
        errand.alter_column("tries", server_default=None)
    _create_messages()
    _create_consent()
    _create_clockwork()
    for table in APPEND_ONLY:
        _freeze(table)


def downgrade() -> None:
    """Take all of it away again: messages and what became of them, too."""
    for table in (
        "inbox_trouble",
        "fetched_file",
        "worker_sign",
        "automation",
        "opt_out",
        "consent_given",
        "message_move",
        "message",
    ):
        op.drop_table(table)
    op.execute("DELETE FROM errand WHERE asked_by_id IS NULL")
    with op.batch_alter_table("errand") as errand:
        errand.drop_constraint("uq_errand_period", type_="unique")
        errand.drop_column("tries")
        errand.drop_column("period")
        errand.alter_column("asked_by_id", existing_type=KEY, nullable=False)
    for table, columns in NEW_COLUMNS.items():
        for name, _ in columns:
            op.drop_column(table, name)


def _create_messages() -> None:
    op.create_table(
        "message",
        sa.Column("id", KEY, nullable=False),
        sa.Column("rule", _words("rule", RULES), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_id", KEY, nullable=False),
        sa.Column("slot", sa.Text(), nullable=False),
        sa.Column("channel", _words("channel", CHANNELS), nullable=False),
        sa.Column("patient_id", KEY, nullable=True),
        sa.Column("user_id", KEY, nullable=True),
        sa.Column("state", _words("messagestate", STATES), nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("not_after", INSTANT, nullable=False),
        sa.Column("taken_at", INSTANT, nullable=True),
        sa.Column("tries", KEY, nullable=False),
        sa.Column("moved_at", INSTANT, nullable=False),
        sa.Column("sent_at", INSTANT, nullable=True),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("receipt", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(patient_id IS NULL) <> (user_id IS NULL)", name=op.f("ck_message_one_recipient")
        ),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_message_patient_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_message_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint(
            "subject_kind", "subject_id", "rule", "slot", "channel",
            name=op.f("uq_message_subject_kind_subject_id_rule_slot_channel"),
        ),
    )  # fmt: skip
    op.create_index("ix_message_state_due_at_id", "message", ["state", "due_at", "id"])
    for state, columns in {"planned": ["channel", "due_at", "id"], "sending": ["taken_at"]}.items():
        only = sa.text(f"state = '{state}'")
        op.create_index(f"ix_message_{state}", "message", columns, sqlite_where=only, postgresql_where=only)
    op.create_index(op.f("ix_message_patient_id"), "message", ["patient_id"])
    went_out = sa.text("address <> ''")
    op.create_index(
        "ix_message_address_taken_at", "message", ["address", "taken_at"],
        sqlite_where=went_out, postgresql_where=went_out,
    )  # fmt: skip
    op.create_table(
        "message_move",
        sa.Column("id", KEY, nullable=False),
        sa.Column("message_id", KEY, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("event", _words("messageevent", EVENTS), nullable=False),
        sa.Column("from_state", _words("from_state", STATES), nullable=True),
        sa.Column("to_state", _words("to_state", STATES), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_message_move_message_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_move")),
    )
    op.create_index(op.f("ix_message_move_message_id"), "message_move", ["message_id"])


def _create_consent() -> None:
    op.create_table(
        "consent_given",
        sa.Column("id", KEY, nullable=False),
        sa.Column("patient_id", KEY, nullable=False),
        sa.Column("channel", _words("channel", CHANNELS), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("is_given", sa.Boolean(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("wording", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_consent_given_patient_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_given")),
    )
    op.create_index(op.f("ix_consent_given_patient_id"), "consent_given", ["patient_id"])
    op.create_table(
        "opt_out",
        sa.Column("id", KEY, nullable=False),
        sa.Column("channel", _words("channel", CHANNELS), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("resumed_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opt_out")),
    )
    in_force = sa.text("resumed_at IS NULL")
    op.create_index(
        "uq_opt_out_channel_address", "opt_out", ["channel", "address"],
        unique=True, sqlite_where=in_force, postgresql_where=in_force,
    )  # fmt: skip
    op.create_table(
        "automation",
        sa.Column("id", KEY, nullable=False),
        sa.Column("quiet_until", sa.Time(), nullable=False),
        sa.Column("quiet_from", sa.Time(), nullable=False),
        sa.Column("rules_off", FACTS, nullable=False),
        sa.Column("bills_at", sa.Time(), nullable=True),
        sa.Column("superbills_on", KEY, nullable=True),
        sa.Column("statements_on", KEY, nullable=True),
        sa.CheckConstraint("id = 1", name=op.f("ck_automation_only_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_automation")),
    )


def _create_clockwork() -> None:
    op.create_table(
        "worker_sign",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_worker_sign")),
    )
    op.create_table(
        "fetched_file",
        sa.Column("id", KEY, nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("size", KEY, nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fetched_file")),
        sa.UniqueConstraint(
            "place", "name", "size", "changed_at", name=op.f("uq_fetched_file_place_name_size_changed_at")
        ),
    )
    op.create_table(
        "inbox_trouble",
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("place", "name", name=op.f("pk_inbox_trouble")),
    )


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
