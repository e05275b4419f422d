CREATE TABLE announcements (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  message    TEXT NOT NULL,
  level      TEXT NOT NULL CHECK (level IN ('info', 'warning', 'critical')),
  created_at TEXT NOT NULL,
  expires_at TEXT
);

CREATE TABLE api_tokens (
  token_hash TEXT PRIMARY KEY,
  label      TEXT NOT NULL UNIQUE,
  created_at TEXT NOT NULL
);
