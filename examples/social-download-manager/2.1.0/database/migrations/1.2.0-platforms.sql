CREATE TABLE platform_configurations (
  platform   TEXT PRIMARY KEY,
  is_enabled INTEGER NOT NULL,
  auth       TEXT, -- {"username":…,"password":…}
  updated_at TEXT NOT NULL
);

INSERT INTO platform_configurations (platform, is_enabled, updated_at)
VALUES
  ('youtube', 1, strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  ('tiktok', 1, strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  ('direct', 1, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'));
