-- The manual's reversal of the database (4.3), as it is handed to the shell: dialect, order and all.
BEGIN TRANSACTION;

SELECT max(version) FROM schema_migrations;

DROP TABLE IF EXISTS v2_ui_components CASCADE;
DROP TABLE IF EXISTS v2_component_states CASCADE;
DROP TABLE IF EXISTS v2_theme_configurations CASCADE;
DROP TABLE IF EXISTS v2_performance_metrics CASCADE;

ALTER TABLE download_history
  DROP COLUMN IF EXISTS v2_component_id, DROP COLUMN IF EXISTS v2_state_snapshot,
  ADD COLUMN IF NOT EXISTS legacy_ui_state TEXT;

ALTER TABLE user_preferences
  DROP COLUMN IF EXISTS v2_theme_config, DROP COLUMN IF EXISTS v2_component_layout,
  ADD COLUMN IF NOT EXISTS v1_ui_preferences TEXT;

UPDATE user_preferences
SET v1_ui_preferences = coalesce(v2_theme_config, '{}')::text
WHERE v2_theme_config IS NOT NULL;

UPDATE schema_migrations SET version = '1.2.1' WHERE version = '2.0.0';

SELECT count(*), count(v1_ui_preferences) FROM user_preferences;

COMMIT;

SELECT 'done';
