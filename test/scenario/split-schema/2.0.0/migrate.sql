BEGIN;
DROP VIEW failed_downloads;
ALTER TABLE downloads RENAME TO old_downloads;

CREATE TABLE platforms (
  id   INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
);
CREATE TABLE content (
  id               INTEGER PRIMARY KEY,
  platform_id      INTEGER NOT NULL REFERENCES platforms (id),
  url              TEXT NOT NULL,
  title            TEXT NOT NULL,
  creator          TEXT,
  duration_seconds INTEGER CHECK (duration_seconds IS NULL OR duration_seconds >= 0),
  updated_at       TEXT
);
CREATE TABLE content_metadata (
  content_id INTEGER NOT NULL REFERENCES content (id) ON DELETE CASCADE,
  key        TEXT NOT NULL,
  position   INTEGER NOT NULL,
  value      TEXT NOT NULL CHECK (json_valid(value)),
  PRIMARY KEY (content_id, key)
) WITHOUT ROWID;
CREATE TABLE downloads (
  id            INTEGER PRIMARY KEY AUTOINCREMENT,
  content_id    INTEGER NOT NULL UNIQUE REFERENCES content (id) ON DELETE CASCADE,
  filepath      TEXT NOT NULL UNIQUE,
  quality       TEXT,
  format        TEXT,
  filesize      INTEGER CHECK (filesize IS NULL OR filesize >= 0),
  status        TEXT NOT NULL CHECK (status IN ('completed', 'failed', 'queued', 'downloading')),
  download_date TEXT NOT NULL,
  priority      INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE download_sessions (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  download_id INTEGER NOT NULL REFERENCES downloads (id) ON DELETE CASCADE,
  started_at  TEXT NOT NULL,
  bytes       INTEGER NOT NULL CHECK (bytes >= 0)
);
CREATE TABLE tags (
  id          INTEGER PRIMARY KEY,
  name        TEXT NOT NULL UNIQUE,
  color       TEXT,
  usage_count INTEGER NOT NULL DEFAULT 0 CHECK (usage_count >= 0)
);
CREATE TABLE content_tags (
  content_id INTEGER NOT NULL REFERENCES content (id) ON DELETE CASCADE,
  tag_id     INTEGER NOT NULL REFERENCES tags (id) ON DELETE CASCADE,
  position   INTEGER NOT NULL,
  PRIMARY KEY (content_id, tag_id)
) WITHOUT ROWID;

INSERT INTO platforms (name)
  SELECT DISTINCT coalesce(metadata ->> 'platform', 'unknown') FROM old_downloads ORDER BY 1;
INSERT INTO content (id, platform_id, url, title, creator, duration_seconds)
  SELECT d.id, p.id, d.url, d.title, d.metadata ->> 'creator', d.duration
  FROM old_downloads AS d JOIN platforms AS p ON p.name = coalesce(d.metadata ->> 'platform', 'unknown');
INSERT INTO content_metadata (content_id, key, position, value)
  SELECT d.id, e.key, e.id, d.metadata -> e.fullkey FROM old_downloads AS d, json_each(d.metadata) AS e
  WHERE e.key NOT IN ('platform', 'creator', 'hashtags');
INSERT INTO downloads (id, content_id, filepath, quality, format, filesize, status, download_date)
  SELECT id, id, filepath, quality, format, filesize,
    CASE status WHEN 'Success' THEN 'completed' WHEN 'Failed' THEN 'failed' ELSE 'queued' END, download_date
  FROM old_downloads;
INSERT INTO tags (name)
  SELECT DISTINCT e.value FROM old_downloads AS d, json_each(d.metadata, '$.hashtags') AS e ORDER BY 1;
INSERT INTO content_tags (content_id, tag_id, position)
  SELECT d.id, t.id, e.key FROM old_downloads AS d, json_each(d.metadata, '$.hashtags') AS e
  JOIN tags AS t ON t.name = e.value;
UPDATE tags SET usage_count = (SELECT count(*) FROM content_tags AS c WHERE c.tag_id = tags.id);
UPDATE sqlite_sequence SET seq = (SELECT seq FROM sqlite_sequence WHERE name = 'old_downloads')
  WHERE name = 'downloads';
DROP TABLE old_downloads;

CREATE INDEX downloads_by_date ON downloads (download_date);
CREATE INDEX content_tags_by_tag ON content_tags (tag_id);
CREATE INDEX failed_ones ON downloads (status) WHERE status = 'failed';
CREATE TRIGGER tag_used AFTER INSERT ON content_tags BEGIN
  UPDATE tags SET usage_count = usage_count + 1 WHERE id = NEW.tag_id;
END;
CREATE TRIGGER tag_dropped AFTER DELETE ON content_tags BEGIN
  UPDATE tags SET usage_count = usage_count - 1 WHERE id = OLD.tag_id;
END;
CREATE TRIGGER content_renamed AFTER UPDATE OF title ON content BEGIN
  UPDATE content SET updated_at = datetime('now') WHERE id = NEW.id;
END;
CREATE VIEW library AS
  SELECT d.id, c.title, p.name AS platform, d.status,
    (SELECT group_concat(t.name, ' ' ORDER BY x.position)
     FROM content_tags AS x JOIN tags AS t ON t.id = x.tag_id WHERE x.content_id = c.id) AS tags
  FROM downloads AS d JOIN content AS c ON c.id = d.content_id JOIN platforms AS p ON p.id = c.platform_id;
COMMIT;
