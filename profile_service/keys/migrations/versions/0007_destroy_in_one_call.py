"""A key is destroyed in one round trip, and so is waited for until the other processes dropped it."""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# Locks: 7038329 as whatever names a bucket version; 7038330 from numbering a tombstone to its commit, because
# a sequence alone is not an order. Each statement sees what was committed before the locks were granted.
# A tombstone that was there is returned as it is.
#
# Plans are made while the tables are empty, and would stay: only index scans are left to choose.
DESTROY_KEY = """
CREATE FUNCTION destroy_key(gone uuid) RETURNS TABLE (sequence int8, destroyed_at int8, epoch int8)
LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET enable_bitmapscan = off SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'destroy_key needs read committed';
    END IF;
    PERFORM pg_advisory_xact_lock_shared(7038329);
    PERFORM pg_advisory_xact_lock(7038330);
    RETURN QUERY
        SELECT t.sequence, t.destroyed_at, t.epoch FROM tombstones t WHERE t.profile_id = gone;
    IF FOUND THEN
        RETURN;
    END IF;

    WITH deleted AS (DELETE FROM profile_keys k WHERE k.profile_id = gone RETURNING k.bucket)
        UPDATE key_buckets b SET dirty = true FROM deleted d
        WHERE b.bucket = d.bucket AND b.current AND NOT b.dirty;
    WITH deleted AS (DELETE FROM tags t WHERE t.profile_id = gone RETURNING t.bucket)
        UPDATE tag_buckets b SET dirty = true FROM deleted d
        WHERE b.bucket = d.bucket AND b.current AND NOT b.dirty;

    SELECT coalesce(max(t.sequence), 0) + 1 INTO sequence FROM tombstones t;
    SELECT max(e.epoch) INTO epoch FROM epochs e;
    destroyed_at := (extract(epoch FROM clock_timestamp()) * 1000000)::int8;
    INSERT INTO tombstones (sequence, profile_id, destroyed_at, epoch)
        VALUES (sequence, gone, destroyed_at, epoch);
    PERFORM pg_notify('profile_keys_destroyed', sequence || ' ' || gone);
    RETURN NEXT;
END $$
"""

# The processes, but for `own`, that did not acknowledge a tombstone, as soon as there are none, or when
# `patience` seconds are over. Looked at in the database, because a process under load wakes late; and a hint
# for each acknowledgement would have all commits of the server wait for one another.
LEASES_BEHIND = """
CREATE FUNCTION leases_behind(own uuid, wanted int8, patience float8)
RETURNS TABLE (process uuid, renewals int8)
LANGUAGE plpgsql AS $$
DECLARE
    until timestamptz := clock_timestamp() + make_interval(secs => patience);
BEGIN
    WHILE clock_timestamp() < until
        AND EXISTS (SELECT FROM leases l WHERE l.process <> own AND l.acknowledged < wanted) LOOP
        PERFORM pg_sleep(0.0005);
    END LOOP;
    RETURN QUERY
        SELECT l.process, l.renewals FROM leases l WHERE l.process <> own AND l.acknowledged < wanted;
END $$
"""


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(DESTROY_KEY)
        op.execute(LEASES_BEHIND)


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION leases_behind")
        op.execute("DROP FUNCTION destroy_key")
