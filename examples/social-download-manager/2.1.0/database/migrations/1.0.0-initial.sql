CREATE TABLE users (
  id            INTEGER PRIMARY KEY AUTOINCREMENT,
  name          TEXT NOT NULL UNIQUE COLLATE NOCASE,
  password_hash TEXT NOT NULL,
  role          TEXT NOT NULL CHECK (role IN ('admin', 'member')),
  created_at    TEXT NOT NULL
);

CREATE TABLE sessions (
  token_hash TEXT PRIMARY KEY,
  user_id    INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  created_at TEXT NOT NULL,
  expires_at TEXT NOT NULL
);

CREATE TABLE download_history (
  id               INTEGER PRIMARY KEY AUTOINCREMENT,
  user_id          INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  platform         TEXT NOT NULL,
  url              TEXT NOT NULL,
  title            TEXT NOT NULL,
  uploader         TEXT,
  quality          TEXT NOT NULL,
  audio_only       INTEGER NOT NULL DEFAULT 0,
  status           TEXT NOT NULL CHECK (status IN ('queued', 'running', 'done', 'failed', 'cancelled')),
  file_name        TEXT,
  size_bytes       INTEGER,
  received_bytes   INTEGER NOT NULL DEFAULT 0,
  duration_seconds REAL,
  error            TEXT,
  added_at         TEXT NOT NULL,
  finished_at      TEXT
);

CREATE INDEX download_history_by_user ON download_history (user_id, added_at);
CREATE INDEX download_history_unfinished ON download_history (status)
  WHERE status IN ('queued', 'running');

CREATE TABLE user_preferences (
  user_id         INTEGER PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
  theme           TEXT NOT NULL CHECK (theme IN ('light', 'dark')),
  language        TEXT NOT NULL CHECK (language IN ('en', 'vi')),
  download_folder TEXT NOT NULL,
  quality         TEXT NOT NULL,
  updated_at      TEXT NOT NULL
);
