"""The schema of a PostgreSQL database as statements, read from its catalogue.

So a copy holds the schema it was made under, generations of views included, whatever version reads it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

from profile_service.copies.manifest import CopyRefusedError


@dataclass(frozen=True, slots=True)
class Schema:
    """`columns` of each table; statements that make the `tables`, and what comes `after` their rows."""

    columns: Mapping[str, tuple[str, ...]]
    tables: tuple[str, ...]
    after: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        return {"columns": self.columns, "tables": self.tables, "after": self.after}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Schema:
        columns = {table: tuple(names) for table, names in value["columns"].items()}
        return cls(columns, tuple(value["tables"]), tuple(value["after"]))


_TABLES = """
SELECT relname FROM pg_class
WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' ORDER BY relname
"""

# Whatever this module would leave out: sequences, views, partitions, types, triggers, generated columns.
_UNKNOWN = """
SELECT relname FROM pg_class
    WHERE relnamespace = current_schema()::regnamespace AND relkind NOT IN ('r', 'i', 't')
UNION ALL SELECT t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
    WHERE c.relnamespace = current_schema()::regnamespace AND NOT t.tgisinternal
UNION ALL SELECT a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'
      AND (a.attidentity <> '' OR a.attgenerated <> '')
UNION ALL SELECT proname FROM pg_proc
    WHERE pronamespace = current_schema()::regnamespace AND prokind <> 'f'
UNION ALL SELECT typname FROM pg_type
    WHERE typnamespace = current_schema()::regnamespace AND typtype IN ('e', 'd', 'r')
LIMIT 1
"""

_COLUMNS = """
SELECT c.relname AS table, quote_ident(c.relname) AS quoted,
       a.attname AS name, quote_ident(a.attname) AS column,
       format_type(a.atttypid, a.atttypmod) AS type,
       a.attnotnull AS not_null, pg_get_expr(d.adbin, d.adrelid) AS default,
       CASE WHEN a.attcollation <> t.typcollation THEN quote_ident(l.collname) END AS collation,
       CASE WHEN a.attstorage <> t.typstorage THEN
           CASE a.attstorage WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL'
                             WHEN 'm' THEN 'MAIN' ELSE 'EXTENDED' END END AS storage,
       quote_literal(col_description(c.oid, a.attnum)) AS comment
FROM pg_attribute a
    JOIN pg_class c ON c.oid = a.attrelid AND c.relkind = 'r'
    JOIN pg_type t ON t.oid = a.atttypid
    LEFT JOIN pg_collation l ON l.oid = a.attcollation
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE c.relnamespace = current_schema()::regnamespace AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY c.relname, a.attnum
"""

# Primary keys before what may refer to them; NOT NULL is with the columns.
_CONSTRAINTS = """
SELECT format('ALTER TABLE %I ADD CONSTRAINT %I %s', c.relname, k.conname, pg_get_constraintdef(k.oid, true))
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
WHERE c.relnamespace = current_schema()::regnamespace AND k.contype IN ('p', 'u', 'c', 'x', 'f')
ORDER BY k.contype = 'f', k.contype <> 'p', c.relname, k.conname
"""

_INDEXES = """
SELECT pg_get_indexdef(i.indexrelid, 0, true)
FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'
  AND NOT EXISTS (
      SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))
ORDER BY i.indexrelid
"""

# The definition names its schema; the copy is to be of whichever schema it is read into.
_FUNCTIONS = """
SELECT overlay(definition PLACING format('%I', name)
               FROM position(format('%I.%I', namespace, name) IN definition)
               FOR length(format('%I.%I', namespace, name)))
FROM (SELECT p.oid, current_schema() AS namespace, p.proname AS name, pg_get_functiondef(p.oid) AS definition
      FROM pg_proc p WHERE p.pronamespace = current_schema()::regnamespace AND p.prokind = 'f') f
ORDER BY oid
"""

_DROP = """
SELECT format('DROP TABLE %I CASCADE', relname) FROM pg_class
    WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'
UNION ALL SELECT format('DROP FUNCTION %s', oid::regprocedure) FROM pg_proc
    WHERE pronamespace = current_schema()::regnamespace AND prokind = 'f'
"""


def table_names(connection: Connection) -> list[str]:
    """The tables of the current schema."""
    return list(connection.execute(text(_TABLES)).scalars())


def read_schema(connection: Connection) -> Schema:
    """Describe the current schema. Raises `CopyRefusedError` if it has what can't be described."""
    unknown = connection.execute(text(_UNKNOWN)).scalar()
    if unknown is not None:
        raise CopyRefusedError(f"the database has {unknown}, which a copy would leave out")
    columns: dict[str, list[str]] = {name: [] for name in table_names(connection)}
    definitions: dict[str, list[str]] = {name: [] for name in columns}
    quoted = {}
    details = []
    for row in connection.execute(text(_COLUMNS)):
        quoted[row.table] = row.quoted
        columns[row.table].append(row.name)
        definitions[row.table].append(_definition(row))
        alter = f"ALTER TABLE {row.quoted} ALTER COLUMN {row.column}"
        if row.storage:
            details.append(f"{alter} SET STORAGE {row.storage}")
        if row.comment:
            details.append(f"COMMENT ON COLUMN {row.quoted}.{row.column} IS {row.comment}")
    tables = [f"CREATE TABLE {quoted[name]} ({', '.join(parts)})" for name, parts in definitions.items()]
    after = [
        str(statement)
        for query in (_CONSTRAINTS, _INDEXES, _FUNCTIONS)
        for statement in connection.execute(text(query)).scalars()
    ]
    return Schema({name: tuple(names) for name, names in columns.items()}, (*tables, *details), tuple(after))


def drop_everything(connection: Connection) -> None:
    """Drop every table and function of the current schema, in the transaction at hand."""
    for statement in list(connection.execute(text(_DROP)).scalars()):
        connection.exec_driver_sql(statement)


def _definition(row: Any) -> str:
    parts = [row.column, row.type]
    if row.collation:
        parts.append(f"COLLATE {row.collation}")
    if row.default:
        parts.append(f"DEFAULT {row.default}")
    if row.not_null:
        parts.append("NOT NULL")
    return " ".join(parts)
