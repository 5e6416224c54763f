"""The tables, as migrations: append-only, numbered, each in one transaction. Never edit or rename one.

Times are text in one fixed width (``store/database.py:to_text``), so that they sort. Money is in dollars.
``docs/schema.md`` is generated from a fresh database. One long file, because migrations are one list, to be read from
top to bottom.
"""

from __future__ import annotations

import sqlite3

from sqlite_utils import Database as SqliteUtilsDatabase
from sqlite_utils import Migrations

migrations = Migrations("frankly")

_M001 = """
CREATE TABLE authors (
  id INTEGER PRIMARY KEY,
  platform TEXT NOT NULL CHECK (platform IN ('x', 'reddit')),
  external_id TEXT NOT NULL,
  handle TEXT NOT NULL,
  name TEXT NOT NULL,
  audience INTEGER NOT NULL, -- followers when last seen
  is_bot INTEGER NOT NULL CHECK (is_bot IN (0, 1)),
  first_seen_at TEXT NOT NULL,
  UNIQUE (platform, external_id)
) STRICT;
CREATE INDEX authors_by_handle ON authors (handle COLLATE NOCASE);

CREATE TABLE mentions (
  id INTEGER PRIMARY KEY,
  platform TEXT NOT NULL CHECK (platform IN ('x', 'reddit')),
  external_id TEXT NOT NULL, -- X: first id of the edit chain; Reddit: fullname
  version_id TEXT NOT NULL, -- X: newest id of the edit chain
  author_id INTEGER NOT NULL REFERENCES authors (id),
  brand TEXT NOT NULL,
  source TEXT NOT NULL, -- the source that saw it first; all are in sightings
  text TEXT NOT NULL, -- emptied when the post is deleted or its retention ends
  posted_at TEXT NOT NULL,
  edited_at TEXT,
  collected_at TEXT NOT NULL,
  conversation_id TEXT NOT NULL,
  in_reply_to TEXT,
  url TEXT NOT NULL,
  language TEXT, -- what the platform says
  community TEXT NOT NULL,
  audience INTEGER NOT NULL, -- the author's followers at the time of the post
  summoned INTEGER NOT NULL CHECK (summoned IN (0, 1)), -- mentioned or quoted us
  reply_settings TEXT NOT NULL,
  replayed INTEGER NOT NULL CHECK (replayed IN (0, 1)), -- from a file: never answered in public
  stage TEXT NOT NULL CHECK (stage IN ('collected', 'assessed', 'routed', 'set_aside')),
  checked_at TEXT, -- when it was last seen to stand on its platform
  deleted_at TEXT, -- deleted there, or its author is forgotten; emptied here
  redacted_at TEXT, -- its text was kept as long as it may be, and is gone
  UNIQUE (platform, external_id)
) STRICT;
CREATE INDEX mentions_by_brand_time ON mentions (brand, posted_at);
CREATE INDEX mentions_by_conversation ON mentions (platform, conversation_id, author_id);
CREATE INDEX mentions_by_author ON mentions (author_id, posted_at);
CREATE INDEX mentions_waiting ON mentions (stage, id) WHERE stage IN ('collected', 'assessed');
CREATE INDEX mentions_to_check ON mentions (platform, checked_at) WHERE deleted_at IS NULL;
CREATE INDEX mentions_by_posted ON mentions (posted_at);

CREATE TABLE mention_versions (
  id INTEGER PRIMARY KEY,
  mention_id INTEGER NOT NULL REFERENCES mentions (id),
  version_id TEXT NOT NULL,
  text TEXT NOT NULL, -- what it said before the edit
  seen_at TEXT NOT NULL
) STRICT;
CREATE INDEX mention_versions_by_mention ON mention_versions (mention_id);

CREATE TABLE sightings (
  mention_id INTEGER NOT NULL REFERENCES mentions (id),
  source TEXT NOT NULL,
  seen_at TEXT NOT NULL,
  PRIMARY KEY (mention_id, source)
) STRICT, WITHOUT ROWID;

CREATE TABLE assessments (
  id INTEGER PRIMARY KEY,
  mention_id INTEGER NOT NULL REFERENCES mentions (id),
  version_id TEXT NOT NULL, -- of the mention that was read
  model TEXT NOT NULL,
  revision TEXT NOT NULL,
  sentiment TEXT CHECK (sentiment IN ('negative', 'neutral', 'positive')),
  negative_score REAL,
  neutral_score REAL,
  positive_score REAL,
  complaint INTEGER CHECK (complaint IN (0, 1)),
  complaint_score REAL,
  severity TEXT CHECK (severity IN ('low', 'medium', 'high', 'critical')),
  severity_reasons TEXT NOT NULL, -- a JSON list of sentences
  kind TEXT CHECK (kind IN ('complaint', 'question', 'praise', 'suggestion', 'thanks', 'spam', 'other')),
  topic TEXT,
  language TEXT,
  relevant_score REAL,
  offensive_score REAL,
  sarcasm_score REAL,
  unsure INTEGER NOT NULL CHECK (unsure IN (0, 1)),
  assessed_at TEXT NOT NULL,
  UNIQUE (mention_id, version_id, model, revision)
) STRICT;

CREATE TABLE decisions (
  id INTEGER PRIMARY KEY,
  mention_id INTEGER NOT NULL REFERENCES mentions (id),
  rule TEXT NOT NULL,
  action TEXT NOT NULL CHECK (action IN ('ignore', 'queue', 'auto_reply', 'escalate')),
  reason TEXT NOT NULL,
  queue TEXT,
  priority TEXT NOT NULL CHECK (priority IN ('low', 'normal', 'high', 'urgent')),
  template TEXT,
  decided_at TEXT NOT NULL
) STRICT;
CREATE INDEX decisions_by_mention ON decisions (mention_id);

CREATE TABLE agents (
  id INTEGER PRIMARY KEY,
  username TEXT NOT NULL UNIQUE COLLATE NOCASE,
  name TEXT NOT NULL,
  initials TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('agent', 'manager', 'admin')),
  password_hash TEXT, -- argon2; empty until a password is set
  created_at TEXT NOT NULL,
  disabled_at TEXT
) STRICT;

CREATE TABLE sessions (
  token_hash TEXT PRIMARY KEY, -- sha-256 of the cookie's value
  agent_id INTEGER NOT NULL REFERENCES agents (id),
  csrf_token TEXT NOT NULL,
  created_at TEXT NOT NULL,
  expires_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE login_links (
  token_hash TEXT PRIMARY KEY, -- sha-256 of the token in the link
  agent_id INTEGER NOT NULL REFERENCES agents (id),
  expires_at TEXT NOT NULL,
  used_at TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE login_failures (
  id INTEGER PRIMARY KEY,
  username TEXT NOT NULL COLLATE NOCASE,
  at TEXT NOT NULL
) STRICT;
CREATE INDEX login_failures_by_username ON login_failures (username, at);

CREATE TABLE cases (
  id INTEGER PRIMARY KEY,
  brand TEXT NOT NULL,
  platform TEXT NOT NULL CHECK (platform IN ('x', 'reddit')),
  author_id INTEGER NOT NULL REFERENCES authors (id),
  conversation_id TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('open', 'pending', 'snoozed', 'resolved')),
  queue TEXT NOT NULL,
  priority TEXT NOT NULL CHECK (priority IN ('low', 'normal', 'high', 'urgent')),
  priority_rank INTEGER NOT NULL, -- 3 urgent … 0 low, for the order of the queue
  severity TEXT CHECK (severity IN ('low', 'medium', 'high', 'critical')),
  topic TEXT,
  replayed INTEGER NOT NULL CHECK (replayed IN (0, 1)),
  opened_at TEXT NOT NULL,
  first_post_at TEXT NOT NULL, -- the clock of the promise starts here
  last_activity_at TEXT NOT NULL,
  due_at TEXT,
  first_response_at TEXT, -- first delivered reply by an agent
  breached_at TEXT, -- when the promise was seen to be broken
  assignee_id INTEGER REFERENCES agents (id),
  claimed_at TEXT,
  snoozed_until TEXT,
  resolved_at TEXT,
  UNIQUE (brand, platform, author_id, conversation_id)
) STRICT;
CREATE INDEX cases_in_queue ON cases (status, priority_rank DESC, due_at, id);
CREATE INDEX cases_in_order ON cases (priority_rank DESC, due_at, id);
CREATE INDEX cases_by_queue ON cases (status, queue);
CREATE INDEX cases_by_opened ON cases (brand, opened_at);
CREATE INDEX cases_unanswered ON cases (due_at) WHERE first_response_at IS NULL AND status IN ('open', 'snoozed');

CREATE TABLE case_mentions (
  case_id INTEGER NOT NULL REFERENCES cases (id),
  mention_id INTEGER NOT NULL REFERENCES mentions (id),
  joined_at TEXT NOT NULL,
  PRIMARY KEY (case_id, mention_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX case_mentions_by_mention ON case_mentions (mention_id);

CREATE TABLE notes (
  id INTEGER PRIMARY KEY,
  case_id INTEGER NOT NULL REFERENCES cases (id),
  agent_id INTEGER NOT NULL REFERENCES agents (id),
  text TEXT NOT NULL,
  written_at TEXT NOT NULL
) STRICT;
CREATE INDEX notes_by_case ON notes (case_id);

CREATE TABLE drafts (
  id INTEGER PRIMARY KEY,
  case_id INTEGER NOT NULL REFERENCES cases (id),
  mention_id INTEGER NOT NULL REFERENCES mentions (id),
  text TEXT NOT NULL,
  template TEXT,
  author TEXT NOT NULL, -- an actor
  mode TEXT NOT NULL CHECK (mode IN ('auto', 'agent', 'by_hand', 'never')),
  mode_reasons TEXT NOT NULL, -- a JSON list of sentences
  updated_at TEXT NOT NULL,
  UNIQUE (mention_id)
) STRICT;
CREATE INDEX drafts_by_case ON drafts (case_id);

CREATE TABLE outbox (
  id INTEGER PRIMARY KEY,
  platform TEXT NOT NULL CHECK (platform IN ('x', 'reddit')),
  target_key TEXT NOT NULL, -- external_id of the mention: one answer for each
  target_id TEXT NOT NULL, -- the version that is replied to
  mention_id INTEGER NOT NULL REFERENCES mentions (id),
  case_id INTEGER NOT NULL REFERENCES cases (id),
  text TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN
    ('held', 'queued', 'sending', 'sent', 'refused', 'uncertain', 'parked', 'withdrawn')),
  approved_by TEXT NOT NULL, -- an actor
  approved_at TEXT NOT NULL,
  automated INTEGER NOT NULL CHECK (automated IN (0, 1)),
  held_until TEXT,
  external_id TEXT, -- of our own post
  sent_at TEXT,
  dry_run INTEGER NOT NULL CHECK (dry_run IN (0, 1)),
  reason TEXT NOT NULL,
  settle_checks INTEGER NOT NULL,
  next_try_at TEXT
) STRICT;
-- Promise 4: while an answer is on its way or out, there is no second one for the same post. A dry run answered nobody.
CREATE UNIQUE INDEX outbox_one_answer ON outbox (platform, target_key)
  WHERE state NOT IN ('refused', 'withdrawn') AND dry_run = 0;
CREATE INDEX outbox_by_state ON outbox (state, id);
CREATE INDEX outbox_by_case ON outbox (case_id);
CREATE INDEX outbox_by_mention ON outbox (mention_id);
CREATE INDEX outbox_by_external_id ON outbox (platform, external_id) WHERE external_id IS NOT NULL;
CREATE INDEX outbox_by_approved ON outbox (platform, approved_at);
CREATE INDEX outbox_by_sent ON outbox (platform, sent_at) WHERE state = 'sent';

CREATE TABLE deliveries (
  id INTEGER PRIMARY KEY,
  outbox_id INTEGER NOT NULL REFERENCES outbox (id),
  started_at TEXT NOT NULL,
  finished_at TEXT,
  outcome TEXT CHECK (outcome IN ('sent', 'refused', 'uncertain', 'postponed', 'dry_run')),
  detail TEXT NOT NULL
) STRICT;
CREATE INDEX deliveries_by_outbox ON deliveries (outbox_id);

CREATE TABLE events (
  id INTEGER PRIMARY KEY,
  at TEXT NOT NULL,
  kind TEXT NOT NULL,
  actor TEXT NOT NULL,
  mention_id INTEGER REFERENCES mentions (id),
  case_id INTEGER REFERENCES cases (id),
  outbox_id INTEGER REFERENCES outbox (id),
  brand TEXT,
  detail TEXT NOT NULL -- JSON; never anybody's text
) STRICT;
CREATE INDEX events_by_case ON events (case_id) WHERE case_id IS NOT NULL;
CREATE INDEX events_by_mention ON events (mention_id) WHERE mention_id IS NOT NULL;
CREATE INDEX events_by_outbox ON events (outbox_id) WHERE outbox_id IS NOT NULL;
CREATE INDEX events_by_time ON events (at);

CREATE TABLE corrections (
  id INTEGER PRIMARY KEY,
  mention_id INTEGER NOT NULL REFERENCES mentions (id),
  assessment_id INTEGER NOT NULL REFERENCES assessments (id),
  agent_id INTEGER NOT NULL REFERENCES agents (id),
  field TEXT NOT NULL CHECK (field IN ('sentiment', 'complaint', 'kind', 'severity', 'topic')),
  was TEXT,
  corrected TEXT NOT NULL,
  at TEXT NOT NULL
) STRICT;
CREATE INDEX corrections_by_mention ON corrections (mention_id);

CREATE TABLE suppressions (
  platform TEXT NOT NULL CHECK (platform IN ('x', 'reddit')),
  author_external_id TEXT NOT NULL,
  reason TEXT NOT NULL,
  actor TEXT NOT NULL,
  at TEXT NOT NULL,
  PRIMARY KEY (platform, author_external_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE sources (
  name TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  platform TEXT NOT NULL CHECK (platform IN ('x', 'reddit')),
  cursor TEXT NOT NULL, -- JSON, the source's own
  last_run_at TEXT,
  last_ok_at TEXT,
  last_error TEXT,
  covered_until TEXT,
  resting_until TEXT -- rate limit or spent budget
) STRICT, WITHOUT ROWID;

CREATE TABLE coverage (
  id INTEGER PRIMARY KEY,
  source TEXT NOT NULL REFERENCES sources (name),
  started_at TEXT NOT NULL,
  ended_at TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('covered', 'gap', 'filled', 'lost')),
  detail TEXT NOT NULL
) STRICT;
CREATE INDEX coverage_by_source ON coverage (source, state, started_at);

CREATE TABLE seen_posts (
  platform TEXT NOT NULL,
  external_id TEXT NOT NULL, -- of a post that was read and is no mention: so that a listing is read only once
  seen_at TEXT NOT NULL,
  PRIMARY KEY (platform, external_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX seen_posts_by_time ON seen_posts (seen_at);

CREATE TABLE spending (
  id INTEGER PRIMARY KEY,
  at TEXT NOT NULL,
  platform TEXT NOT NULL,
  source TEXT NOT NULL,
  call TEXT NOT NULL,
  reserved_usd REAL NOT NULL,
  settled_usd REAL -- empty while the call is under way
) STRICT;
CREATE INDEX spending_by_time ON spending (platform, at);

CREATE TABLE digests (
  id INTEGER PRIMARY KEY,
  brand TEXT NOT NULL,
  day TEXT NOT NULL, -- a date in the brand's time zone
  content TEXT NOT NULL, -- JSON
  made_at TEXT NOT NULL,
  tried_at TEXT, -- when sending it last began
  problem TEXT, -- why that did not send it; empty while it is not known
  sent_at TEXT,
  UNIQUE (brand, day)
) STRICT;

CREATE TABLE switches (
  name TEXT PRIMARY KEY, -- 'paused', 'heartbeat', …
  value TEXT NOT NULL, -- JSON
  changed_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE VIRTUAL TABLE mentions_search USING fts5 (
  text, content = 'mentions', content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 2'
);
CREATE TRIGGER mentions_search_insert AFTER INSERT ON mentions BEGIN
  INSERT INTO mentions_search (rowid, text) VALUES (new.id, new.text);
END;
CREATE TRIGGER mentions_search_delete AFTER DELETE ON mentions BEGIN
  INSERT INTO mentions_search (mentions_search, rowid, text) VALUES ('delete', old.id, old.text);
END;
CREATE TRIGGER mentions_search_update AFTER UPDATE OF text ON mentions BEGIN
  INSERT INTO mentions_search (mentions_search, rowid, text) VALUES ('delete', old.id, old.text);
  INSERT INTO mentions_search (rowid, text) VALUES (new.id, new.text);
END;

CREATE VIRTUAL TABLE notes_search USING fts5 (
  text, content = 'notes', content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 2'
);
CREATE TRIGGER notes_search_insert AFTER INSERT ON notes BEGIN
  INSERT INTO notes_search (rowid, text) VALUES (new.id, new.text);
END;
CREATE TRIGGER notes_search_delete AFTER DELETE ON notes BEGIN
  INSERT INTO notes_search (notes_search, rowid, text) VALUES ('delete', old.id, old.text);
END;
CREATE TRIGGER notes_search_update AFTER UPDATE OF text ON notes BEGIN
  INSERT INTO notes_search (notes_search, rowid, text) VALUES ('delete', old.id, old.text);
  INSERT INTO notes_search (rowid, text) VALUES (new.id, new.text);
END;
"""


@migrations()
def m001_initial(db: SqliteUtilsDatabase) -> None:
    """Make the tables of the first release."""
    run_script(db, _M001)


@migrations()
def m002_failures_by_address(db: SqliteUtilsDatabase) -> None:
    """Remember where a failed sign-in came from, so that one address cannot try every username."""
    db.execute("ALTER TABLE login_failures ADD COLUMN address TEXT NOT NULL DEFAULT ''")
    db.execute("CREATE INDEX login_failures_by_address ON login_failures (address, at)")


_SEEN_BY_SOURCE = """
CREATE TABLE seen_posts_by_source (
  platform TEXT NOT NULL,
  external_id TEXT NOT NULL, -- of a post that was read and is no mention: so that a listing is read only once
  source TEXT NOT NULL, -- that read it: what one source has read, another may still have to
  seen_at TEXT NOT NULL,
  PRIMARY KEY (platform, external_id, source)
) STRICT, WITHOUT ROWID;
INSERT INTO seen_posts_by_source (platform, external_id, source, seen_at)
  SELECT p.platform, p.external_id, s.name, p.seen_at FROM seen_posts p JOIN sources s ON s.platform = p.platform;
DROP TABLE seen_posts;
ALTER TABLE seen_posts_by_source RENAME TO seen_posts;
CREATE INDEX seen_posts_by_time ON seen_posts (seen_at);
"""


@migrations()
def m003_seen_by_each_source(db: SqliteUtilsDatabase) -> None:
    """Remember which source read a post, so that no source ends a listing early on what another has read."""
    run_script(db, _SEEN_BY_SOURCE)


@migrations()
def m004_look_up_what_is_kept(db: SqliteUtilsDatabase) -> None:
    """Posts without a text are no longer looked up: once it is gone so is, soon, their author."""
    db.execute("DROP INDEX mentions_to_check")
    db.execute(
        "CREATE INDEX mentions_with_text ON mentions (platform, checked_at) "
        "WHERE deleted_at IS NULL AND redacted_at IS NULL AND replayed = 0"
    )
    db.execute("CREATE INDEX cases_by_author ON cases (author_id)")


_SWEEPS = """
CREATE TABLE sweeps (
  id INTEGER PRIMARY KEY,
  platform TEXT NOT NULL CHECK (platform IN ('x', 'reddit')),
  at TEXT NOT NULL,
  looked_up INTEGER NOT NULL,
  deleted INTEGER NOT NULL, -- of them: gone there, and emptied here
  postponed INTEGER NOT NULL, -- neither seen to stand nor to be gone
  problem TEXT -- why it stopped early
) STRICT;
CREATE INDEX sweeps_by_time ON sweeps (at);
"""


@migrations()
def m005_sweeps(db: SqliteUtilsDatabase) -> None:
    """Remember each look for deleted posts, so that an operator can show how deletions were honoured."""
    run_script(db, _SWEEPS)


_OWN_POSTS = """
CREATE TABLE own_posts (
  platform TEXT NOT NULL CHECK (platform IN ('x', 'reddit')),
  external_id TEXT NOT NULL,
  in_reply_to TEXT, -- the platform's id of the post that it answers
  posted_at TEXT NOT NULL,
  noticed_at TEXT NOT NULL,
  case_id INTEGER REFERENCES cases (id), -- that it answers by hand; empty: none, or not found yet
  PRIMARY KEY (platform, external_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX own_posts_by_target ON own_posts (platform, in_reply_to) WHERE in_reply_to IS NOT NULL;
CREATE INDEX own_posts_by_case ON own_posts (case_id) WHERE case_id IS NOT NULL;
CREATE INDEX own_posts_unmatched ON own_posts (posted_at) WHERE case_id IS NULL;
CREATE INDEX mentions_by_later_version ON mentions (platform, version_id) WHERE version_id <> external_id;
CREATE INDEX mention_versions_by_version ON mention_versions (version_id);
"""


@migrations()
def m006_own_posts(db: SqliteUtilsDatabase) -> None:
    """Keep which posts are our own, so that an answer by hand is noticed and matched to its case."""
    run_script(db, _OWN_POSTS)


@migrations()
def m007_failures_in_a_row(db: SqliteUtilsDatabase) -> None:
    """Count how often a source failed in a row, so that it waits longer each time."""
    db.execute("ALTER TABLE sources ADD COLUMN failures INTEGER NOT NULL DEFAULT 0")


@migrations()
def m008_ways_of_summons(db: SqliteUtilsDatabase) -> None:
    """Keep how a post turned to us: it mentioned us, quoted us or replied to us."""
    db.execute("ALTER TABLE mentions ADD COLUMN summons TEXT NOT NULL DEFAULT ''")


_LATE_READS = """
CREATE TABLE late_reads (
  source TEXT NOT NULL REFERENCES sources (name),
  started_at TEXT NOT NULL,
  read_at TEXT NOT NULL,
  ended_at TEXT NOT NULL, -- last: SQLite's integrity_check of 3.40 asks for a key's columns first
  PRIMARY KEY (source, started_at, read_at)
) STRICT, WITHOUT ROWID;
"""


@migrations()
def m009_late_reads(db: SqliteUtilsDatabase) -> None:
    """Keep when a stretch was read that had passed a while before: a day that is over did not count its posts."""
    run_script(db, _LATE_READS)


_ALERTS = """
CREATE TABLE alerts (
  event_id INTEGER PRIMARY KEY REFERENCES events (id), -- the escalation that people are told of
  tried_at TEXT NOT NULL, -- when telling them last began
  problem TEXT, -- who was not told, and why; empty while that is not known
  sent_at TEXT -- when somebody was told
) STRICT;
CREATE INDEX events_of_escalation ON events (at) WHERE kind = 'case.escalated';
"""


@migrations()
def m010_alerts(db: SqliteUtilsDatabase) -> None:
    """Keep which escalations people were told of, so that they hear of each at once, and once."""
    run_script(db, _ALERTS)


_ORDER_OF_WORK = """
DROP INDEX cases_in_queue;
DROP INDEX cases_in_order;
CREATE INDEX cases_in_queue ON cases (status, priority_rank DESC, due_at IS NULL, due_at, id);
CREATE INDEX cases_in_order ON cases (priority_rank DESC, due_at IS NULL, due_at, id);
"""


@migrations()
def m011_order_of_work(db: SqliteUtilsDatabase) -> None:
    """Let cases that nothing is promised for (replayed ones) come after those of their priority that are due."""
    run_script(db, _ORDER_OF_WORK)


def run_script(db: SqliteUtilsDatabase, script: str) -> None:
    """Run several statements inside the open transaction (``executescript`` would commit it first)."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            db.execute(statement)
            statement = ""
    if statement.strip():
        raise ValueError(f"the script ends inside a statement: {statement.strip()[:60]}")


with SqliteUtilsDatabase(memory=True) as _empty:
    KNOWN = frozenset(migration.name for migration in migrations.pending(_empty))
