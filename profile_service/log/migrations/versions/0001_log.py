"""The log: facts, requests, the fence, and the function that appends on PostgreSQL."""

from uuid import uuid4

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

Name = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

# The order lock is an advisory lock, because a row would bloat; its key is "log" in ASCII.
# The order of the statements is the point: each sees what was committed before the lock
# was granted. Hash, merge and sequential plans are switched off because the plans are
# made while the tables are empty, and would stay.
APPEND_FACTS = """
CREATE FUNCTION append_facts(
    c_request bytea[], c_digest bytea[], c_subject uuid[], c_profile uuid[], c_closes boolean[],
    c_facts int4[], c_version int8[],
    f_stream text[], f_version int8[], f_profile uuid[], f_type text[], f_record bytea[],
    now int8
) RETURNS TABLE (outcome int4, subject uuid, "position" int8, version int8)
LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET enable_bitmapscan = off SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
DECLARE
    head int8;
    at int8;
    first int4;
    last int4;
    next_fact int4 := 1;
    done boolean;
BEGIN
    PERFORM pg_advisory_xact_lock(7106407);
    SELECT f.position, f.time INTO head, at FROM facts f ORDER BY f.position DESC LIMIT 1;
    head := coalesce(head, 0);
    at := greatest(now, coalesce(at, 0));

    IF append_is_plain(c_request, c_profile, c_closes, f_stream, f_version) THEN
        INSERT INTO facts (position, time, stream, version, profile_id, type, record)
            SELECT head + f.i, at, f.stream, f.version, f.profile, f.type, f.record
            FROM unnest(f_stream, f_version, f_profile, f_type, f_record)
                WITH ORDINALITY f(stream, version, profile, type, record, i);
        RETURN QUERY
            WITH c AS (
                SELECT request, digest, subject, version, i,
                       head + (sum(facts) OVER (ORDER BY i)) AS upto
                FROM unnest(c_request, c_digest, c_subject, c_facts, c_version)
                    WITH ORDINALITY c(request, digest, subject, facts, version, i)
            ), noted AS (
                INSERT INTO requests (request_key, digest, subject, position, version)
                    SELECT request, digest, subject, upto, version FROM c
            )
            SELECT 0, c.subject, c.upto, c.version FROM c ORDER BY c.i;
    ELSE
        FOR i IN 1 .. cardinality(c_request) LOOP
            first := next_fact;
            last := next_fact + c_facts[i] - 1;
            next_fact := last + 1;
            SELECT a.outcome, a.subject, a.position, a.version
                INTO outcome, subject, position, version
                FROM append_one(
                    c_request[i], c_digest[i], c_subject[i], c_profile[i], c_closes[i], c_version[i],
                    f_stream[first:last], f_version[first:last], f_profile[first:last],
                    f_type[first:last], f_record[first:last], head, at) a;
            IF outcome = 0 THEN
                head := position;
            END IF;
            RETURN NEXT;
        END LOOP;
    END IF;
    IF cardinality(f_stream) > 0 THEN
        PERFORM pg_notify('profile_service_log', '');
    END IF;
END $$
"""

# Nothing in the batch is known, closed, closing, or meets another one in its stream.
APPEND_IS_PLAIN = """
CREATE FUNCTION append_is_plain(
    c_request bytea[], c_profile uuid[], c_closes boolean[], f_stream text[], f_version int8[]
) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
    IF true = ANY (c_closes) THEN
        RETURN false;
    END IF;
    IF cardinality(c_request) > 1 AND
        (SELECT count(DISTINCT k) FROM unnest(c_request) k) < cardinality(c_request) THEN
        RETURN false;
    END IF;
    PERFORM 1 FROM unnest(c_request) k, LATERAL (
        SELECT 1 FROM requests r WHERE r.request_key = k LIMIT 1) known LIMIT 1;
    IF FOUND THEN
        RETURN false;
    END IF;
    PERFORM 1 FROM unnest(c_profile) p, LATERAL (
        SELECT 1 FROM closed_profiles c WHERE c.profile_id = p LIMIT 1) closed LIMIT 1;
    IF FOUND THEN
        RETURN false;
    END IF;
    PERFORM 1 FROM (
        SELECT stream, version, row_number() OVER (PARTITION BY stream ORDER BY i) AS nth
        FROM unnest(f_stream, f_version) WITH ORDINALITY f(stream, version, i)) f
        WHERE f.version <> f.nth + coalesce(
            (SELECT s.version FROM facts s WHERE s.stream = f.stream ORDER BY s.version DESC LIMIT 1), 0)
        LIMIT 1;
    RETURN NOT FOUND;
END $$
"""

APPEND_ONE = """
CREATE FUNCTION append_one(
    request bytea, new_digest bytea, new_subject uuid, profile uuid, closes boolean, new_version int8,
    f_stream text[], f_version int8[], f_profile uuid[], f_type text[], f_record bytea[],
    head int8, at int8
) RETURNS TABLE (outcome int4, subject uuid, "position" int8, version int8)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    known requests%ROWTYPE;
    closed_at int8;
    facts_in_it int4 := coalesce(cardinality(f_stream), 0);
BEGIN
    SELECT c.position INTO closed_at FROM closed_profiles c WHERE c.profile_id = profile;
    IF FOUND THEN
        RETURN QUERY SELECT 4, new_subject, closed_at, 0::int8;
        RETURN;
    END IF;
    SELECT r.* INTO known FROM requests r WHERE r.request_key = request;
    IF FOUND THEN
        RETURN QUERY SELECT CASE WHEN known.digest = new_digest THEN 1
                                 WHEN known.digest = '' THEN 3 ELSE 2 END,
                            known.subject, known.position, known.version;
        RETURN;
    END IF;
    PERFORM 1 FROM (
        SELECT stream, version, row_number() OVER (PARTITION BY stream ORDER BY i) AS nth
        FROM unnest(f_stream, f_version) WITH ORDINALITY f(stream, version, i)) f
        WHERE f.version <> f.nth + coalesce(
            (SELECT s.version FROM facts s WHERE s.stream = f.stream ORDER BY s.version DESC LIMIT 1), 0)
        LIMIT 1;
    IF FOUND THEN
        RETURN QUERY SELECT 5, new_subject, 0::int8, 0::int8;
        RETURN;
    END IF;
    INSERT INTO facts (position, time, stream, version, profile_id, type, record)
        SELECT head + f.i, at, f.stream, f.version, f.profile, f.type, f.record
        FROM unnest(f_stream, f_version, f_profile, f_type, f_record)
            WITH ORDINALITY f(stream, version, profile, type, record, i);
    INSERT INTO requests (request_key, digest, subject, position, version)
        VALUES (request, new_digest, new_subject, head + facts_in_it, new_version);
    IF closes THEN
        INSERT INTO closed_profiles (profile_id, position) VALUES (profile, head + facts_in_it);
    END IF;
    RETURN QUERY SELECT 0, new_subject, head + facts_in_it, new_version;
END $$
"""


TIME = "microseconds since 1970 UTC; never decreases"
DIGEST = "keyed; empty if the request was abandoned"


def upgrade() -> None:
    op.create_table(
        "facts",
        sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("time", sa.BigInteger, nullable=False, comment=TIME),
        sa.Column("stream", Name, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("profile_id", sa.Uuid),
        sa.Column("type", Name, nullable=False),
        sa.Column("record", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("stream", "version", name="facts_stream_version"),
    )
    op.create_table(
        "requests",
        sa.Column("request_key", sa.LargeBinary, primary_key=True),
        sa.Column("digest", sa.LargeBinary, nullable=False, comment=DIGEST),
        sa.Column("subject", sa.Uuid, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "closed_profiles",
        sa.Column("profile_id", sa.Uuid, primary_key=True),
        sa.Column("position", sa.BigInteger, nullable=False),
    )
    incarnation = op.create_table("incarnation", sa.Column("log_id", sa.Text, primary_key=True))
    op.bulk_insert(incarnation, [{"log_id": str(uuid4())}])
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE facts ALTER COLUMN record SET STORAGE EXTERNAL")
        for function in (APPEND_IS_PLAIN, APPEND_ONE, APPEND_FACTS):
            op.execute(function)
