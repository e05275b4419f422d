-- What the page remembers of a row: {"pinned":true,"expanded":false}
ALTER TABLE download_history ADD COLUMN legacy_ui_state TEXT;

-- How a user likes the list: {"rowsPerPage":50,"sort":"newest","compact":false}
ALTER TABLE user_preferences ADD COLUMN v1_ui_preferences TEXT NOT NULL DEFAULT '{}';
