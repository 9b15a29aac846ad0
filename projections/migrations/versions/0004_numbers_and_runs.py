"""A generation's number is given once, and a rebuild says which run of it may write."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# A rebuild that is over may have given a number that no generation has now.
GIVEN = """
    INSERT INTO generation_numbers (view, last)
    SELECT view, max(generation) FROM (
        SELECT view, generation FROM generations UNION SELECT view, generation FROM rebuilds
    ) AS given GROUP BY view
"""


def upgrade() -> None:
    op.create_table(
        "generation_numbers",
        sa.Column("view", sa.Text, primary_key=True),
        sa.Column("last", sa.Integer, nullable=False, comment="the last number that was given"),
    )
    op.execute(GIVEN)
    op.add_column(
        "rebuilds",
        sa.Column(
            "run",
            sa.Text,
            nullable=False,
            server_default="",
            comment="who works on it, and writes here alone",
        ),
    )
