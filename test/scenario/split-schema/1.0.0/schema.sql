CREATE TABLE downloads (
  id            INTEGER PRIMARY KEY AUTOINCREMENT,
  url           TEXT NOT NULL,
  title         TEXT NOT NULL,
  filepath      TEXT NOT NULL,
  quality       TEXT,
  format        TEXT,
  duration      INTEGER,
  filesize      INTEGER,
  status        TEXT NOT NULL CHECK (status IN ('Success', 'Failed', 'Pending')),
  download_date TEXT NOT NULL,
  metadata      TEXT NOT NULL CHECK (json_valid(metadata)) -- {"platform":…,"creator":…,"hashtags":[…], and what the platform said}
);
CREATE INDEX downloads_by_date ON downloads (download_date);
CREATE UNIQUE INDEX downloads_by_file ON downloads (filepath);
CREATE VIEW failed_downloads AS SELECT id, url, title FROM downloads WHERE status = 'Failed';
