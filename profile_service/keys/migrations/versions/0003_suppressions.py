"""Addresses that are never to be contacted again, as keyed tags."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "suppressions",
        sa.Column("tag", sa.LargeBinary, primary_key=True),
        sa.Column("since", sa.BigInteger, nullable=False),
        # In the order of the tags: that of insertion would be the order of the erasures.
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("suppressions")
