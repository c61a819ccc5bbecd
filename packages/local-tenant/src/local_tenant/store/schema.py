"""The tables, as a list of migrations: the n-th brings a database from version n-1 to n.

Columns that hold JSON say so. A migration that has been released is never edited: a change is a new entry.
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

# The cache of deployed flows compares this number in the read that looks up a user, so it cannot miss a write of
# Actions, versions, bindings or modules.
_FLOW_REVISION = """
INSERT INTO settings (key, value) VALUES ('flow_revision', '0');
"""

_FLOW_TRIGGERS = "".join(
    f"CREATE TRIGGER {table}_{event.lower()}_moves_flow_revision AFTER {event} ON {table} "  # noqa: S608 - constants
    "BEGIN UPDATE settings SET value = value + 1 WHERE key = 'flow_revision'; END;\n"
    for table in ("actions", "action_versions", "bindings", "module_versions")
    for event in ("INSERT", "UPDATE", "DELETE")
)

_USERS = """
ALTER TABLE clients ADD COLUMN trusts_forwarded_ip INTEGER NOT NULL DEFAULT 0;

CREATE TABLE users (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id TEXT NOT NULL UNIQUE,       -- auth0|<24 hex digits>
    connection TEXT NOT NULL,
    email TEXT NOT NULL,                -- lower case
    email_verified INTEGER NOT NULL,
    password_hash TEXT NOT NULL,        -- argon2id, with its parameters
    profile TEXT NOT NULL,              -- JSON object: name, nickname, picture, given_name, family_name
    user_metadata TEXT NOT NULL,        -- JSON object
    app_metadata TEXT NOT NULL,         -- JSON object
    blocked INTEGER NOT NULL DEFAULT 0,
    logins_count INTEGER NOT NULL DEFAULT 0,
    last_login INTEGER,
    last_ip TEXT,
    last_password_reset INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (connection, email)
);

CREATE TABLE refresh_tokens (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL,                   -- event.refresh_token.id; the same for the whole family
    token_hash BLOB NOT NULL UNIQUE,    -- SHA-256
    family TEXT NOT NULL,               -- all tokens that one login led to, by rotation
    user_id TEXT NOT NULL REFERENCES users (user_id) ON DELETE CASCADE,
    client_id TEXT NOT NULL,
    rotating INTEGER NOT NULL,
    replaced_at INTEGER,                -- when it was exchanged for the next of its family; a second exchange is reuse
    scopes TEXT NOT NULL,               -- JSON list
    audience TEXT,
    methods TEXT NOT NULL,              -- JSON list: how the user had authenticated
    device TEXT NOT NULL,               -- JSON object: initial_ip, initial_user_agent, last_ip, last_user_agent
    metadata TEXT NOT NULL,             -- JSON object
    created_at INTEGER NOT NULL,
    last_exchanged_at INTEGER,
    expires_at INTEGER,
    idle_expires_at INTEGER
);

CREATE TABLE userinfo_claims (
    user_id TEXT NOT NULL REFERENCES users (user_id) ON DELETE CASCADE,
    client_id TEXT NOT NULL,
    claims TEXT NOT NULL,               -- JSON object: custom claims of the newest id token
    PRIMARY KEY (user_id, client_id)
) WITHOUT ROWID;

CREATE INDEX refresh_tokens_by_user ON refresh_tokens (user_id, client_id);
CREATE INDEX refresh_tokens_by_family ON refresh_tokens (family);
"""

_LOGINS = """
CREATE TABLE login_attempts (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    email TEXT NOT NULL,                -- lower case, of a user or of nobody
    ip TEXT NOT NULL,
    failures INTEGER NOT NULL,          -- consecutive
    last_failure INTEGER NOT NULL,
    UNIQUE (email, ip)
);

CREATE TABLE logs (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    log_id TEXT NOT NULL UNIQUE,
    type TEXT NOT NULL,
    user_id TEXT,
    entry TEXT NOT NULL                 -- JSON object as the API shows it
);

CREATE INDEX logs_by_user ON logs (user_id);

CREATE TABLE executions (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    execution_id TEXT NOT NULL UNIQUE,
    trace TEXT NOT NULL,                -- JSON object: the runtime's trace, secrets masked
    outcome TEXT NOT NULL               -- JSON object: what the flow's caller made of it
);
"""

_MFA = """
CREATE TABLE authenticators (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (user_id) ON DELETE CASCADE,
    secret TEXT NOT NULL,               -- base32
    recovery_hash BLOB,                 -- SHA-256 of the recovery code that comes into force with the first right code
    created_at INTEGER NOT NULL,
    confirmed_at INTEGER,
    last_auth_at INTEGER,
    last_step INTEGER                   -- time step of the last code that was accepted
) WITHOUT ROWID;

CREATE INDEX authenticators_by_user ON authenticators (user_id);

CREATE TABLE recovery_codes (
    user_id TEXT PRIMARY KEY REFERENCES users (user_id) ON DELETE CASCADE,
    id TEXT NOT NULL,
    hash BLOB NOT NULL,                 -- SHA-256
    created_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE mfa_attempts (
    user_id TEXT NOT NULL REFERENCES users (user_id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('otp', 'recovery-code')),
    full_at INTEGER NOT NULL,           -- when no wrong attempt counts any more
    PRIMARY KEY (user_id, kind)
) WITHOUT ROWID;

CREATE TABLE mfa_transactions (
    token_hash BLOB PRIMARY KEY,        -- SHA-256 of the mfa_token
    client_id TEXT NOT NULL,
    user_id TEXT NOT NULL REFERENCES users (user_id) ON DELETE CASCADE,
    pending TEXT NOT NULL,              -- JSON object: what the login needs to go on
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX mfa_transactions_by_user ON mfa_transactions (user_id);
CREATE INDEX mfa_transactions_by_expiry ON mfa_transactions (expires_at);

CREATE TABLE login_transactions (
    state_hash BLOB PRIMARY KEY,        -- SHA-256
    browser_hash BLOB NOT NULL,         -- SHA-256 of the browser's cookie
    client_id TEXT NOT NULL,
    parameters TEXT NOT NULL,           -- JSON object: the query of /authorize
    user_id TEXT REFERENCES users (user_id) ON DELETE CASCADE,
    pending TEXT,                       -- JSON object: what the login needs to go on
    enrolling TEXT,                     -- id of the authenticator that its page shows
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX login_transactions_by_user ON login_transactions (user_id);
CREATE INDEX login_transactions_by_expiry ON login_transactions (expires_at);

CREATE TABLE authorization_codes (
    code_hash BLOB PRIMARY KEY,         -- SHA-256
    client_id TEXT NOT NULL,
    user_id TEXT NOT NULL REFERENCES users (user_id) ON DELETE CASCADE,
    redirect_uri TEXT NOT NULL,
    code_challenge TEXT,
    grant_json TEXT NOT NULL,           -- JSON object: the tokens that it is good for
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    redeemed_at INTEGER,
    refresh_family TEXT
) WITHOUT ROWID;

CREATE INDEX authorization_codes_by_user ON authorization_codes (user_id);
CREATE INDEX authorization_codes_by_expiry ON authorization_codes (expires_at);
"""

_SESSIONS = """
CREATE TABLE sessions (
    id TEXT PRIMARY KEY,
    token_hash BLOB NOT NULL UNIQUE,    -- SHA-256 of the browser's cookie
    user_id TEXT NOT NULL REFERENCES users (user_id) ON DELETE CASCADE,
    methods TEXT NOT NULL,              -- JSON list: how the user has authenticated
    clients TEXT NOT NULL,              -- JSON list of client ids
    device TEXT NOT NULL,               -- JSON object: initial_ip, initial_user_agent, last_ip, last_user_agent
    metadata TEXT NOT NULL,             -- JSON object
    persistent INTEGER NOT NULL,
    authenticated_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    idle_lifetime INTEGER NOT NULL,     -- for how long a use keeps it alive
    idle_expires_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX sessions_by_user ON sessions (user_id);
CREATE INDEX sessions_by_idle_end ON sessions (idle_expires_at);

ALTER TABLE refresh_tokens ADD COLUMN session_id TEXT;
CREATE INDEX refresh_tokens_by_session ON refresh_tokens (session_id) WHERE session_id IS NOT NULL;
"""

_ENTITLEMENTS = """
ALTER TABLE authorization_codes RENAME COLUMN grant_json TO entitlement;
UPDATE mfa_transactions SET pending = json_remove(
    json_set(pending, '$.entitlement', json_extract(pending, '$.grant')), '$.grant');
UPDATE login_transactions SET pending = json_remove(
    json_set(pending, '$.entitlement', json_extract(pending, '$.grant')), '$.grant')
WHERE pending IS NOT NULL;
"""

_FACTORS = """
ALTER TABLE authenticators ADD COLUMN type TEXT NOT NULL DEFAULT 'otp';   -- of the factor, as in Actions

CREATE TABLE mfa_attempts_of_any_factor (
    user_id TEXT NOT NULL REFERENCES users (user_id) ON DELETE CASCADE,
    kind TEXT NOT NULL,                 -- type of the factor
    full_at INTEGER NOT NULL,           -- when no wrong attempt counts any more
    PRIMARY KEY (user_id, kind)
) WITHOUT ROWID;
INSERT INTO mfa_attempts_of_any_factor SELECT user_id, kind, full_at FROM mfa_attempts;
DROP TABLE mfa_attempts;
ALTER TABLE mfa_attempts_of_any_factor RENAME TO mfa_attempts;
"""

_CHALLENGES = """
ALTER TABLE executions ADD COLUMN waits_until INTEGER;  -- when the challenge that the login waits behind expires
ALTER TABLE executions ADD COLUMN revision INTEGER NOT NULL DEFAULT 0; -- counts the writes of the table
UPDATE executions SET revision = position;
CREATE INDEX executions_by_challenge_end ON executions (waits_until) WHERE waits_until IS NOT NULL;
CREATE INDEX executions_by_revision ON executions (revision);
CREATE TRIGGER executions_insert_revision AFTER INSERT ON executions BEGIN
    UPDATE executions SET revision = (SELECT max(revision) + 1 FROM executions) WHERE position = NEW.position;
END;
CREATE TRIGGER executions_update_revision AFTER UPDATE OF outcome ON executions BEGIN
    UPDATE executions SET revision = (SELECT max(revision) + 1 FROM executions) WHERE position = NEW.position;
END;
"""

_APPLICATIONS = """
CREATE TABLE applications (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    client_id TEXT NOT NULL UNIQUE,
    client_secret TEXT NOT NULL,
    name TEXT NOT NULL,
    grant_types TEXT NOT NULL,          -- JSON list
    metadata TEXT NOT NULL DEFAULT '{}', -- JSON object: client_metadata
    trusts_forwarded_ip INTEGER NOT NULL DEFAULT 0,
    own TEXT UNIQUE,                    -- management, application or single_page
    settings TEXT NOT NULL DEFAULT '{}' -- JSON object; the start fills in that of the tenant's own
);
INSERT INTO applications (client_id, client_secret, name, grant_types, metadata, trusts_forwarded_ip, own)
SELECT client_id, client_secret, name, grant_types, metadata, trusts_forwarded_ip,
    CASE name WHEN 'Management client' THEN 'management' WHEN 'Application' THEN 'application'
        WHEN 'Single page application' THEN 'single_page' END
FROM clients;
DROP TABLE clients;
ALTER TABLE applications RENAME TO clients;

CREATE TABLE resource_servers (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    identifier TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    settings TEXT NOT NULL,             -- JSON object
    from_start INTEGER NOT NULL
);

CREATE TABLE client_grants (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    client_id TEXT NOT NULL REFERENCES clients (client_id) ON DELETE CASCADE,
    audience TEXT NOT NULL,             -- identifier of a resource server, or /api/v2/
    subject_type TEXT NOT NULL,
    scopes TEXT NOT NULL,               -- JSON list
    settings TEXT NOT NULL,             -- JSON object
    UNIQUE (client_id, audience, subject_type)
);
"""

_LOGIN_PAGES = """
ALTER TABLE login_transactions ADD COLUMN problem TEXT;  -- JSON object: what was wrong with the last form
ALTER TABLE login_transactions ADD COLUMN proof TEXT; -- JSON object: what was proved, while a recovery code is shown
"""

_LINKED_USERS = """
ALTER TABLE users ADD COLUMN linked_to TEXT REFERENCES users (user_id) ON DELETE CASCADE; -- the primary user
ALTER TABLE users ADD COLUMN linked TEXT NOT NULL DEFAULT '[]'; -- JSON list: secondary identities as the API shows them
CREATE INDEX users_by_primary ON users (linked_to) WHERE linked_to IS NOT NULL;
"""

_ENDINGS = """
ALTER TABLE login_transactions ADD COLUMN ending TEXT;  -- JSON object: what the answer to the application is made of
"""

_CLIENT_CREDENTIALS = """
CREATE TABLE client_credentials (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    client_id TEXT NOT NULL REFERENCES clients (client_id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    kid TEXT NOT NULL,
    alg TEXT NOT NULL,
    pem TEXT NOT NULL,                  -- the public key
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    expires_at INTEGER
);
"""

# Metadata of sessions and refresh tokens is kept whole now; changes to it that wait for a login to go on are dropped.
_KEPT_WHOLE = """
UPDATE authorization_codes SET entitlement = json_remove(entitlement,
    '$.refresh.metadata', '$.refresh.metadata_evicted', '$.session.metadata', '$.session.metadata_evicted');
UPDATE mfa_transactions SET pending = json_remove(pending,
    '$.entitlement.refresh.metadata', '$.entitlement.refresh.metadata_evicted',
    '$.entitlement.session.metadata', '$.entitlement.session.metadata_evicted',
    '$.paused.continuation.effects.refresh_token.metadata',
    '$.paused.continuation.effects.refresh_token.metadata_evicted',
    '$.paused.continuation.effects.session.metadata', '$.paused.continuation.effects.session.metadata_evicted');
UPDATE login_transactions SET pending = json_remove(pending,
    '$.entitlement.refresh.metadata', '$.entitlement.refresh.metadata_evicted',
    '$.entitlement.session.metadata', '$.entitlement.session.metadata_evicted',
    '$.paused.continuation.effects.refresh_token.metadata',
    '$.paused.continuation.effects.refresh_token.metadata_evicted',
    '$.paused.continuation.effects.session.metadata', '$.paused.continuation.effects.session.metadata_evicted');
"""

_MAILS = """
CREATE TABLE mails (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    recipient TEXT NOT NULL,
    subject TEXT NOT NULL,
    link TEXT NOT NULL,
    created_at INTEGER NOT NULL
);

CREATE TABLE password_tickets (
    user_id TEXT PRIMARY KEY REFERENCES users (user_id) ON DELETE CASCADE,
    ticket_hash BLOB NOT NULL UNIQUE,   -- SHA-256
    expires_at INTEGER NOT NULL
) WITHOUT ROWID;
"""

MIGRATIONS: tuple[str, ...] = (
    _TENANT + _ACTIONS + _MODULES,
    _FLOW_REVISION + _FLOW_TRIGGERS + _USERS + _LOGINS,
    _MFA,
    _SESSIONS,
    _ENTITLEMENTS,
    _FACTORS,
    _CHALLENGES,
    _APPLICATIONS,
    _LOGIN_PAGES,
    _LINKED_USERS,
    _ENDINGS,
    _CLIENT_CREDENTIALS,
    _KEPT_WHOLE,
    _MAILS,
)
