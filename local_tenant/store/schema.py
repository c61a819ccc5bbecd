"""The tables, as a list of migrations: the n-th brings a database from version n-1 to n.

Times are integers, nanoseconds since 1970 by the tenant's clock. Columns that hold JSON say so. A migration that has
been released is never edited: a change is a new entry.
"""

from __future__ import annotations

_TENANT = """
CREATE TABLE settings (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE signing_keys (
    kid TEXT PRIMARY KEY,
    private_pem TEXT NOT NULL,
    created_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE clients (
    client_id TEXT PRIMARY KEY,
    client_secret TEXT NOT NULL,
    name TEXT NOT NULL,
    grant_types TEXT NOT NULL,          -- JSON list
    management_scopes TEXT NOT NULL,    -- JSON list: what its client grant for the Management API allows
    metadata TEXT NOT NULL DEFAULT '{}' -- JSON object: client_metadata
) WITHOUT ROWID;
"""

_ACTIONS = """
CREATE TABLE actions (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,                 -- not unique: see docs/fidelity.md
    supported_triggers TEXT NOT NULL,   -- JSON [{id, version}]
    code TEXT NOT NULL,
    dependencies TEXT NOT NULL,         -- JSON [{name, version, registry_url?}]
    runtime TEXT NOT NULL,
    secrets TEXT NOT NULL,              -- JSON [{name, value, updated_at}]
    modules TEXT NOT NULL,              -- JSON [{module_id, module_version_id, ...}]
    status TEXT NOT NULL CHECK (status IN ('pending', 'building', 'retrying', 'built', 'failed')),
    draft INTEGER NOT NULL DEFAULT 1,   -- counts the writes of the draft, so that a build can tell that it is outdated
    last_number INTEGER NOT NULL DEFAULT 0,
    deployed_version_id TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
);

CREATE TABLE action_versions (
    id TEXT PRIMARY KEY,
    action_id TEXT NOT NULL REFERENCES actions (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    supported_triggers TEXT NOT NULL,
    code TEXT NOT NULL,
    dependencies TEXT NOT NULL,
    runtime TEXT NOT NULL,
    secrets TEXT NOT NULL,
    modules TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('pending', 'building', 'retrying', 'built', 'failed')),
    draft INTEGER NOT NULL,             -- the draft that it was made from
    built_at INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (action_id, number)
) WITHOUT ROWID;

CREATE TABLE bindings (
    id TEXT PRIMARY KEY,
    trigger_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    action_id TEXT NOT NULL REFERENCES actions (id),
    display_name TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (trigger_id, position)
) WITHOUT ROWID;

CREATE INDEX bindings_by_action ON bindings (action_id);
"""

_MODULES = """
CREATE TABLE modules (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL UNIQUE,
    code TEXT NOT NULL,
    dependencies TEXT NOT NULL,
    secrets TEXT NOT NULL,
    last_number INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
);

CREATE TABLE module_versions (
    id TEXT PRIMARY KEY,
    module_id TEXT NOT NULL REFERENCES modules (id) ON DELETE CASCADE,
    version_number INTEGER NOT NULL,
    code TEXT NOT NULL,
    dependencies TEXT NOT NULL,
    secrets TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (module_id, version_number)
) WITHOUT ROWID;
"""

MIGRATIONS: tuple[str, ...] = (_TENANT + _ACTIONS + _MODULES,)
