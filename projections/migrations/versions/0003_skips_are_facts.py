"""What is skipped is said by the log alone; a rebuild says whom it parked, and how many it may."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_table("skipped")
    op.add_column(
        "rebuilds", sa.Column("parked_limit", sa.BigInteger, comment="-1: none; empty: not known yet")
    )
    op.add_column(
        "rebuilds",
        sa.Column("parked_subjects", sa.Text, comment="who waits in it: ids and positions, no values"),
    )
