-- What a download has brought stands in a table of its own, one row a download.
CREATE TABLE download_history_v21 (
  id                INTEGER PRIMARY KEY AUTOINCREMENT,
  user_id           INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  platform          TEXT NOT NULL,
  url               TEXT NOT NULL,
  title             TEXT NOT NULL,
  uploader          TEXT,
  quality           TEXT NOT NULL,
  audio_only        INTEGER NOT NULL DEFAULT 0,
  status            TEXT NOT NULL CHECK (status IN ('pending', 'downloading', 'completed', 'failed', 'cancelled')),
  duration_seconds  REAL,
  error             TEXT,
  added_at          TEXT NOT NULL,
  finished_at       TEXT,
  v2_component_id   TEXT REFERENCES v2_ui_components (id),
  v2_state_snapshot TEXT -- {"schema":2,"ui":{"pinned":true,"expanded":false}}
);

INSERT INTO download_history_v21
  (id, user_id, platform, url, title, uploader, quality, audio_only, status, duration_seconds, error,
   added_at, finished_at, v2_component_id, v2_state_snapshot)
SELECT
  id, user_id, platform, url, title, uploader, quality, audio_only, status, duration_seconds, error,
  added_at, finished_at, v2_component_id, v2_state_snapshot
FROM download_history
ORDER BY id;

CREATE TABLE download_files (
  download_id    INTEGER PRIMARY KEY REFERENCES download_history (id) ON DELETE CASCADE,
  file_name      TEXT,
  size_bytes     INTEGER,
  received_bytes INTEGER NOT NULL DEFAULT 0
);

INSERT INTO download_files (download_id, file_name, size_bytes, received_bytes)
SELECT id, file_name, size_bytes, received_bytes
FROM download_history
ORDER BY id;

-- A number that was given once is not given again, also when the newest rows are gone.
DELETE FROM sqlite_sequence WHERE name = 'download_history_v21';
INSERT INTO sqlite_sequence (name, seq)
SELECT 'download_history_v21', seq FROM sqlite_sequence WHERE name = 'download_history';

DROP TABLE download_history;
ALTER TABLE download_history_v21 RENAME TO download_history;

CREATE INDEX download_history_by_user ON download_history (user_id, added_at);
CREATE INDEX download_history_unfinished ON download_history (status)
  WHERE status IN ('pending', 'downloading');
