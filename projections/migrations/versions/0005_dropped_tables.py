"""The tables of a generation are removed after the transaction that drops it, not within it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "dropped_tables",
        sa.Column("name", sa.Text, primary_key=True, comment="of a table that is to be removed"),
    )
