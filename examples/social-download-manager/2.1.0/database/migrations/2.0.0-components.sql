-- The parts that the page is made of. 'api' stands for programs that add downloads; the page does not show it.
CREATE TABLE v2_ui_components (
  id         TEXT PRIMARY KEY,
  kind       TEXT NOT NULL,
  title      TEXT NOT NULL,
  position   INTEGER NOT NULL,
  is_visible INTEGER NOT NULL
);

INSERT INTO v2_ui_components (id, kind, title, position, is_visible)
VALUES
  ('add-links', 'form', 'Add links', 1, 1),
  ('queue', 'list', 'Queue', 2, 1),
  ('history', 'list', 'History', 3, 1),
  ('statistics', 'figures', 'Statistics', 4, 1),
  ('announcements', 'messages', 'Announcements', 5, 1),
  ('api', 'program', 'API', 6, 0);

CREATE TABLE v2_component_states (
  user_id      INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  component_id TEXT NOT NULL REFERENCES v2_ui_components (id),
  state        TEXT NOT NULL, -- a JSON object of the component's own
  updated_at   TEXT NOT NULL,
  PRIMARY KEY (user_id, component_id)
) WITHOUT ROWID;

CREATE TABLE v2_theme_configurations (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  user_id    INTEGER REFERENCES users (id) ON DELETE CASCADE, -- NULL: everybody's
  name       TEXT NOT NULL,
  colors     TEXT NOT NULL, -- {"background":"#rrggbb","text":…,"accent":…,"panel":…}
  created_at TEXT NOT NULL,
  UNIQUE (user_id, name)
);

INSERT INTO v2_theme_configurations (name, colors, created_at)
SELECT name, colors, strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
FROM (
  SELECT 1 AS place, 'Paper' AS name,
    '{"background":"#fbf8f1","text":"#2b2722","accent":"#8a4b1f","panel":"#ffffff"}' AS colors
  UNION ALL
  SELECT 2, 'Midnight',
    '{"background":"#0f1524","text":"#e6eaf4","accent":"#7aa7ff","panel":"#1a2236"}'
  UNION ALL
  SELECT 3, 'High contrast',
    '{"background":"#000000","text":"#ffffff","accent":"#ffe600","panel":"#121212"}'
)
ORDER BY place;

CREATE TABLE v2_performance_metrics (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  measured_at TEXT NOT NULL,
  name        TEXT NOT NULL,
  value       REAL NOT NULL,
  unit        TEXT NOT NULL
);

CREATE INDEX v2_performance_metrics_by_name ON v2_performance_metrics (name, measured_at);

-- The history: other words for what a download does, and the row's appearance in an envelope.
-- Appearance that is no JSON object is kept as it is, as a JSON string: {"schema":2,"ui":"{broken"}.
CREATE TABLE download_history_v2 (
  id                INTEGER PRIMARY KEY AUTOINCREMENT,
  user_id           INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  platform          TEXT NOT NULL,
  url               TEXT NOT NULL,
  title             TEXT NOT NULL,
  uploader          TEXT,
  quality           TEXT NOT NULL,
  audio_only        INTEGER NOT NULL DEFAULT 0,
  status            TEXT NOT NULL CHECK (status IN ('pending', 'downloading', 'completed', 'failed', 'cancelled')),
  file_name         TEXT,
  size_bytes        INTEGER,
  received_bytes    INTEGER NOT NULL DEFAULT 0,
  duration_seconds  REAL,
  error             TEXT,
  added_at          TEXT NOT NULL,
  finished_at       TEXT,
  v2_component_id   TEXT REFERENCES v2_ui_components (id),
  v2_state_snapshot TEXT -- {"schema":2,"ui":{"pinned":true,"expanded":false}}
);

INSERT INTO download_history_v2
  (id, user_id, platform, url, title, uploader, quality, audio_only, status, file_name, size_bytes,
   received_bytes, duration_seconds, error, added_at, finished_at, v2_component_id, v2_state_snapshot)
SELECT
  id, user_id, platform, url, title, uploader, quality, audio_only,
  CASE status
    WHEN 'queued' THEN 'pending'
    WHEN 'running' THEN 'downloading'
    WHEN 'done' THEN 'completed'
    ELSE status
  END,
  file_name, size_bytes, received_bytes, duration_seconds, error, added_at, finished_at, 'history',
  CASE
    WHEN legacy_ui_state IS NULL THEN NULL
    WHEN json_valid(legacy_ui_state) AND json_type(legacy_ui_state) = 'object'
      THEN json_object('schema', 2, 'ui', json(legacy_ui_state))
    ELSE json_object('schema', 2, 'ui', CAST(legacy_ui_state AS TEXT))
  END
FROM download_history
ORDER BY id;

-- A number that was given once is not given again, also when the newest rows are gone.
DELETE FROM sqlite_sequence WHERE name = 'download_history_v2';
INSERT INTO sqlite_sequence (name, seq)
SELECT 'download_history_v2', seq FROM sqlite_sequence WHERE name = 'download_history';

DROP TABLE download_history;
ALTER TABLE download_history_v2 RENAME TO download_history;

CREATE INDEX download_history_by_user ON download_history (user_id, added_at);
CREATE INDEX download_history_unfinished ON download_history (status)
  WHERE status IN ('pending', 'downloading');

-- Preferences: the list's appearance moves into an envelope, beside the theme that the user has chosen.
CREATE TABLE user_preferences_v2 (
  user_id             INTEGER PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
  theme               TEXT NOT NULL CHECK (theme IN ('light', 'dark')),
  language            TEXT NOT NULL CHECK (language IN ('en', 'vi')),
  download_folder     TEXT NOT NULL,
  quality             TEXT NOT NULL,
  v2_theme_config     TEXT NOT NULL, -- {"schema":2,"activeTheme":null,"ui":{"rowsPerPage":50,…}}
  v2_component_layout TEXT, -- [{"id":"history","visible":true}] in order; NULL until the user arranges them
  updated_at          TEXT NOT NULL
);

INSERT INTO user_preferences_v2
  (user_id, theme, language, download_folder, quality, v2_theme_config, updated_at)
SELECT
  user_id, theme, language, download_folder, quality,
  CASE
    WHEN json_valid(v1_ui_preferences) AND json_type(v1_ui_preferences) = 'object'
      THEN json_object('schema', 2, 'activeTheme', NULL, 'ui', json(v1_ui_preferences))
    ELSE json_object('schema', 2, 'activeTheme', NULL, 'ui', CAST(v1_ui_preferences AS TEXT))
  END,
  updated_at
FROM user_preferences;

DROP TABLE user_preferences;
ALTER TABLE user_preferences_v2 RENAME TO user_preferences;

INSERT INTO platform_configurations (platform, is_enabled, updated_at)
VALUES ('vimeo', 1, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
ON CONFLICT (platform) DO NOTHING;
