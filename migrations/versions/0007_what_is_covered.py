"""What is covered: benefits with their history, authorisations, rule packs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
CENTS = sa.BigInteger()
LIST = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
INSTANT = sa.DateTime(timezone=True)

PERIODS = ("calendar_year", "plan_year", "rolling_months", "calendar_month", "lifetime")
OLD_PERIODS = PERIODS[:2]
SOURCES = ("import", "phone", "portal", "paper", "271")
OLD_SOURCES = SOURCES[:-1]
NETWORKS = ("in", "out")
COPAYS = ("visit", "service")

NEW_COLUMNS: dict[str, tuple[tuple[str, sa.types.TypeEngine[object]], ...]] = {
    "payer": (("rule_pack", sa.Text()),),
    "policy": (("rule_pack", sa.Text()),),
    "benefit": (
        ("plan_name", sa.Text()),
        ("referral_required", sa.Boolean()),
        ("period_months", KEY),
        ("plan_year_from", sa.Date()),
        ("visits_remaining", KEY),
        ("limit_in_answer", sa.Text()),
        ("without_hand", LIST),
        ("contradicted_by", LIST),
        ("dollar_limit_cents", CENTS),
        ("dollars_remaining_cents", CENTS),
        ("dollars_told_on", sa.Date()),
        ("deductible_cents", CENTS),
        ("family_deductible_cents", CENTS),
        ("family_deductible_remaining_cents", CENTS),
        ("out_of_pocket_cents", CENTS),
        ("family_out_of_pocket_cents", CENTS),
        ("family_out_of_pocket_remaining_cents", CENTS),
    ),
    "authorisation": (("seoc_name", sa.Text()), ("units_per_visit", KEY), ("referring_npi", sa.Text())),
}
"""All of them may be empty."""
FILLED_COLUMNS: dict[str, tuple[tuple[str, sa.types.TypeEngine[object], str], ...]] = {
    "benefit": (
        ("shared_with", LIST, "'[]'"),
        ("set_by_hand", LIST, "'[]'"),
        ("deductible_applies", sa.Boolean(), "true"),
        ("copay_waives_deductible", sa.Boolean(), "false"),
        ("copay_counts_to_out_of_pocket", sa.Boolean(), "true"),
    ),
    "authorisation": (("codes_allowed", LIST, "'[]'"), ("diagnoses", LIST, "'[]'"), ("used_before", KEY, "0")),
}
"""None of them may be empty; what is there gets this."""
APPEND_ONLY = ("benefit_version", "rule_pack")


def upgrade() -> None:
    """Make room for what payers say, over and over, and for the rules by which it is judged."""
    for table, columns in NEW_COLUMNS.items():
        for name, type_ in columns:
            op.add_column(table, sa.Column(name, type_, nullable=True))
    for table, filled in FILLED_COLUMNS.items():
        with op.batch_alter_table(table) as altered:
            for name, type_, value in filled:
                altered.add_column(sa.Column(name, type_, nullable=False, server_default=sa.text(value)))
        with op.batch_alter_table(table) as altered:
            for name, _, _ in filled:
                altered.alter_column(name, server_default=None)
    with op.batch_alter_table("benefit") as benefit:
        benefit.alter_column("covered", existing_type=sa.Boolean(), nullable=True)
        benefit.alter_column("authorisation_required", existing_type=sa.Boolean(), nullable=True)
        benefit.add_column(sa.Column("network", sa.String(24), nullable=True))
        benefit.add_column(sa.Column("copay_per", sa.String(24), nullable=False, server_default="visit"))
        _admit(benefit, "ck_benefit_benefitperiod", "period", PERIODS)
        _admit(benefit, "ck_benefit_benefitsource", "source", SOURCES)
        benefit.create_check_constraint(op.f("ck_benefit_network"), _one_of("network", NETWORKS))
        benefit.create_check_constraint(op.f("ck_benefit_copayper"), _one_of("copay_per", COPAYS))
    with op.batch_alter_table("benefit") as benefit:
        benefit.alter_column("copay_per", server_default=None)
    _create_versions()
    for table in APPEND_ONLY:
        _freeze(table)


def downgrade() -> None:
    """Take all of it away again: histories and the clinic's own packs, too. What is unknown was no row before.

    A limit that counts by the month, over rolling months or for life becomes one of the calendar year, which is
    stricter: a person has to look at these plans. What an electronic answer told is taken for the payer's portal.
    """
    for table in reversed(APPEND_ONLY):
        op.drop_table(table)
    op.execute("DELETE FROM benefit WHERE covered IS NULL")
    op.execute("UPDATE benefit SET authorisation_required = false WHERE authorisation_required IS NULL")
    op.execute("UPDATE benefit SET source = 'portal' WHERE source = '271'")
    op.execute("UPDATE benefit SET period = 'calendar_year' WHERE period NOT IN ('calendar_year', 'plan_year')")
    with op.batch_alter_table("benefit") as benefit:
        benefit.drop_constraint(op.f("ck_benefit_network"), type_="check")
        benefit.drop_constraint(op.f("ck_benefit_copayper"), type_="check")
        _admit(benefit, "ck_benefit_benefitperiod", "period", OLD_PERIODS)
        benefit.drop_constraint(op.f("ck_benefit_benefitsource"), type_="check")
        benefit.alter_column("covered", existing_type=sa.Boolean(), nullable=False)
        benefit.alter_column("authorisation_required", existing_type=sa.Boolean(), nullable=False)
        benefit.drop_column("network")
        benefit.drop_column("copay_per")
    _put_the_sources_check_back()
    for table, columns in NEW_COLUMNS.items():
        for name, _ in columns:
            op.drop_column(table, name)
    for table, filled in FILLED_COLUMNS.items():
        for name, _, _ in filled:
            op.drop_column(table, name)


def _put_the_sources_check_back() -> None:
    """As it stood before, at its column, so that the migration before this one can drop the column."""
    op.add_column("benefit", sa.Column("source_kept", sa.Text(), nullable=True))
    op.execute("UPDATE benefit SET source_kept = source")
    op.drop_column("benefit", "source")
    listed = ", ".join(f"'{word}'" for word in OLD_SOURCES)
    op.execute(
        "ALTER TABLE benefit ADD COLUMN source VARCHAR(24) "
        f"CONSTRAINT ck_benefit_benefitsource CHECK (source IN ({listed}))"
    )
    op.execute("UPDATE benefit SET source = source_kept")
    op.drop_column("benefit", "source_kept")


def _create_versions() -> None:
    op.create_table(
        "benefit_version",
        sa.Column("id", KEY, nullable=False),
        sa.Column("patient_id", KEY, nullable=False),
        sa.Column("payer_id", KEY, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column(
            "source",
            sa.Enum(*SOURCES, name="benefitsource", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column("verified_on", sa.Date(), nullable=True),
        sa.Column("said", LIST, nullable=False),
        sa.Column("changed", LIST, nullable=False),
        sa.Column("answer_id", KEY, nullable=True),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_benefit_version_patient_id")),
        sa.ForeignKeyConstraint(["payer_id"], ["payer.id"], name=op.f("fk_benefit_version_payer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_benefit_version")),
    )
    op.create_index(op.f("ix_benefit_version_patient_id_payer_id"), "benefit_version", ["patient_id", "payer_id"])
    op.create_table(
        "rule_pack",
        sa.Column("id", KEY, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("version", KEY, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("review_by", sa.Date(), nullable=True),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_pack")),
        sa.UniqueConstraint("key", "version", name=op.f("uq_rule_pack_key_version")),
    )


def _admit(table: BatchOperations, name: str, column: str, words: tuple[str, ...]) -> None:
    """Let a column hold these words and no others."""
    table.drop_constraint(op.f(name), type_="check")
    table.create_check_constraint(op.f(name), _one_of(column, words))


def _one_of(column: str, words: tuple[str, ...]) -> sa.ColumnElement[bool]:
    return sa.column(column).in_([sa.literal(word) for word in words])


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
