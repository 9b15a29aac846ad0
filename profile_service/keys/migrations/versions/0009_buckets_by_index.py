"""Reserving looks up the buckets it names, instead of reading all of them to look some up.

A `NOT EXISTS` within an `OR` is planned as a hash of the whole table, made anew by every call: 45 of the
325 µs that this function took for a lone registration with 4,096 tag buckets. A scalar subquery can't be.
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import text

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

BEFORE = """
        WHERE NOT EXISTS (SELECT FROM tag_buckets b
                          WHERE b.bucket = w.tag_bucket AND b.version = w.tag_version AND b.current)
           OR w.wrapped IS NOT NULL
              AND NOT EXISTS (SELECT FROM key_buckets b
                              WHERE b.bucket = w.bucket AND b.version = w.version AND b.current);
"""

AFTER = """
        WHERE (SELECT b.current FROM tag_buckets b
               WHERE b.bucket = w.tag_bucket AND b.version = w.tag_version) IS NOT TRUE
           OR w.wrapped IS NOT NULL
              AND (SELECT b.current FROM key_buckets b
                   WHERE b.bucket = w.bucket AND b.version = w.version) IS NOT TRUE;
"""


def upgrade() -> None:
    _replace(BEFORE, AFTER)


def downgrade() -> None:
    _replace(AFTER, BEFORE)


def _replace(old: str, new: str) -> None:
    """Make `reserve_addresses` anew, as it is but for one condition. Raises `RuntimeError` if it is not."""
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        return
    function: str = connection.execute(
        text("SELECT pg_get_functiondef('reserve_addresses'::regproc)")
    ).scalar_one()
    if function.count(old) != 1:
        raise RuntimeError("reserve_addresses is not as the migration before this one made it")
    connection.exec_driver_sql(function.replace(old, new))
