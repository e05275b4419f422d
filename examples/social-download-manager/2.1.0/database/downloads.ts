/**
 * A download with what it has brought: the tables `download_history` and `download_files` as one, for FROM.
 * A download without a row of files has brought nothing yet.
 */
export const downloads = `(
  SELECT history.*, files.file_name, files.size_bytes, coalesce(files.received_bytes, 0) AS received_bytes
  FROM download_history AS history LEFT JOIN download_files AS files ON files.download_id = history.id
)`;
