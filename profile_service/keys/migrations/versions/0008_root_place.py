"""Where the root key of an epoch was made: only there it can be shown to be gone. NULL: made before this."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("epochs", sa.Column("root_place", sa.Text))
    op.add_column("epochs", sa.Column("next_root_place", sa.Text))


def downgrade() -> None:
    op.drop_column("epochs", "next_root_place")
    op.drop_column("epochs", "root_place")
