-- A believable history for release 1.2.1, the same for the same seed.
-- seed.ts has made the table `wanted`: rows, seed, users, unfinished, password_hash; one row.

CREATE TEMP TABLE person (id INTEGER PRIMARY KEY, name TEXT, language TEXT, folder TEXT);
INSERT INTO person
SELECT key, value ->> 0, value ->> 1, value ->> 2
FROM json_each('[
  ["admin", "en", ""], ["living-room", "vi", ""], ["studio", "en", "studio"], ["kitchen", "vi", "recipes"],
  ["workshop", "en", "how-to"], ["archive", "en", "archive"], ["classroom", "vi", ""], ["reception", "en", ""]
]');

CREATE TEMP TABLE subject (id INTEGER PRIMARY KEY, word TEXT, language TEXT);
INSERT INTO subject
SELECT key, value, iif(key < 40, 'en', 'vi')
FROM json_each('[
  "Sourdough bread", "Old trams", "Night market", "Violin practice", "Mountain road", "Harbour lights",
  "Bicycle repair", "Watercolour clouds", "Garden soil", "Wooden joints", "Chess endings", "Street jazz",
  "Paper lanterns", "Morning yoga", "Film cameras", "River crossing", "Clay bowls", "Train journeys",
  "Rooftop farming", "Knife sharpening", "Folk dances", "Storm clouds", "Desert stars", "Small engines",
  "Book binding", "Indoor climbing", "Coffee roasting", "Tide pools", "Map reading", "Cheap synthesisers",
  "Forest sounds", "City cats", "Winter swimming", "Home networks", "Linen shirts", "Drum patterns",
  "Kite building", "Mushroom walks", "Typewriters", "Lighthouses",
  "Phở bò", "Chợ nổi", "Cà phê sữa đá", "Đàn bầu", "Múa rối nước", "Bánh mì", "Vườn rau sạch", "Xe đạp cũ",
  "Gốm thủ công", "Đèn lồng", "Học guitar", "Leo núi", "Nấu ăn chay", "Tranh lụa", "Nhạc dân ca",
  "Sửa xe máy", "Trà sen", "Làng nghề", "Ruộng bậc thang", "Phố cổ"
]');

CREATE TEMP TABLE treatment (language TEXT, id INTEGER, word TEXT, PRIMARY KEY (language, id)) WITHOUT ROWID;
INSERT INTO treatment
SELECT 'en', key, value
FROM json_each('[
  "step by step", "in one take", "explained slowly", "for beginners", "from above", "in the rain",
  "without tools", "live", "the long version", "in ten minutes", "before sunrise", "with a small budget",
  "what went wrong", "one year later", "questions answered", "a quiet day", "up close", "the basics",
  "by hand", "an honest review"
]');
INSERT INTO treatment
SELECT 'vi', key, value
FROM json_each('[
  "từng bước", "cho người mới", "một ngày yên tĩnh", "ngoài mưa", "làm tại nhà", "trực tiếp",
  "bản đầy đủ", "trong mười phút", "buổi sớm", "tiết kiệm", "một năm sau", "hỏi đáp", "cận cảnh",
  "cơ bản", "thủ công", "nhìn từ trên cao", "mẹo hay", "kể chuyện", "thử thách", "cuối tuần"
]');

CREATE TEMP TABLE place (id INTEGER PRIMARY KEY, word TEXT);
INSERT INTO place
SELECT key, value
FROM json_each('[
  "Hà Nội", "Huế", "Đà Nẵng", "Hội An", "Sài Gòn", "Cần Thơ", "Sa Pa", "Đà Lạt", "Lisbon", "Porto",
  "Kyoto", "Osaka", "Oslo", "Bergen", "Zürich", "Graz", "Kraków", "Brno", "Ghent", "Leeds", "Cork",
  "Lyon", "Turin", "Split", "Tartu", "Busan", "Penang", "Perth", "Quito", "Halifax"
]');

CREATE TEMP TABLE uploader (id INTEGER PRIMARY KEY, name TEXT, handle TEXT);
INSERT INTO uploader
SELECT key, value, lower(replace(value, ' ', '.'))
FROM json_each('[
  "Slow Kitchen", "Open Lens", "City Walks", "Field Notes", "Workshop 12", "Quiet Rails", "Paper and Glue",
  "North Light", "Small Engines Club", "Tide Table", "Second Shelf", "Loose Threads", "Harbour Radio",
  "Green Balcony", "Low Voltage", "Weekend Maps", "Warm Bread", "Street Stage", "Cloud Diary", "Old Tools"
]');

-- Four of a site, then four of a direct link.
CREATE TEMP TABLE failure (id INTEGER PRIMARY KEY, error TEXT);
INSERT INTO failure
SELECT key, value
FROM json_each('[
  "platform/failed: The video is unavailable",
  "platform/failed: This video is private",
  "platform/failed: HTTP Error 429: Too Many Requests",
  "disk/full: The disk is full. Make room, then resume: what has come so far is kept.",
  "network/timeout: media.example.com sent nothing for 60 seconds.",
  "network/failed: The connection to media.example.com failed (ECONNRESET).",
  "server/refused: media.example.com answered 404 Not Found.",
  "disk/full: The disk is full. Make room, then resume: what has come so far is kept."
]');

-- Every subject with every treatment and place.
CREATE TEMP TABLE title (id INTEGER PRIMARY KEY, word TEXT, part TEXT);
INSERT INTO title
SELECT
  subject.id + 60 * (treatment.id + 20 * place.id),
  subject.word || ' ' || treatment.word || ', ' || place.word,
  iif(language = 'en', ', part ', ', tập ')
FROM subject JOIN treatment USING (language), place;

-- The first half of a video's id.
CREATE TEMP TABLE half (id INTEGER PRIMARY KEY, word TEXT);
INSERT INTO half
WITH RECURSIVE
  alphabet (c) AS (VALUES ('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_')),
  number (id, n) AS (
    SELECT 0, 0 UNION ALL SELECT id + 1, (id + 1) * 27644437039 % 68719476731 FROM number WHERE id < 65535
  )
SELECT
  id,
  substr(c, n / 1073741824 + 1, 1) || substr(c, n / 16777216 % 64 + 1, 1) || substr(c, n / 262144 % 64 + 1, 1)
    || substr(c, n / 4096 % 64 + 1, 1) || substr(c, n / 64 % 64 + 1, 1) || substr(c, n % 64 + 1, 1)
FROM number, alphabet;

INSERT INTO main.users (id, name, password_hash, role, created_at)
WITH people (id) AS (SELECT 0 UNION ALL SELECT id + 1 FROM people, wanted WHERE id + 1 < users)
SELECT
  id + 1,
  iif(id < 8, (SELECT name FROM person WHERE person.id = people.id), 'member-' || (id + 1)),
  password_hash,
  iif(id = 0, 'admin', 'member'),
  strftime('%Y-%m-%dT%H:%M:%fZ', '2023-01-01T07:30:00', '+' || (id % 30) || ' days', '+' || id || ' minutes')
FROM people, wanted;

INSERT INTO main.user_preferences
  (user_id, theme, language, download_folder, quality, v1_ui_preferences, updated_at)
SELECT
  users.id,
  iif(users.id % 3 = 2, 'dark', 'light'),
  coalesce(person.language, 'en'),
  coalesce(person.folder, ''),
  CASE users.id % 4 WHEN 0 THEN '720' WHEN 3 THEN '1080' ELSE 'best' END,
  json_object(
    'rowsPerPage', CASE users.id % 3 WHEN 0 THEN 25 WHEN 1 THEN 50 ELSE 100 END,
    'sort', CASE users.id % 5 WHEN 2 THEN 'title' WHEN 4 THEN 'size' ELSE 'newest' END,
    'compact', json(iif(users.id % 4 = 0, 'true', 'false'))
  ),
  strftime('%Y-%m-%dT%H:%M:%fZ', users.created_at, '+20 days')
FROM main.users LEFT JOIN person ON person.id = users.id - 1;

-- Every uploader with every user's folder.
CREATE TEMP TABLE who (id INTEGER PRIMARY KEY, name TEXT, handle TEXT, folder TEXT);
INSERT INTO who
SELECT
  uploader.id + 20 * user_id,
  name,
  handle,
  iif(download_folder = '', '', download_folder || '/')
FROM uploader, main.user_preferences;

-- Each of a to f is a random sequence of its own (x -> x * multiplier mod 2^31 - 1, multipliers of Fishman and Moore 1986),
-- carried from row to row. LIMIT -1 before a join keeps SQLite from copying
-- each expression to all places that use it, and a CROSS JOIN from turning the order around.
-- Titles come from `pick`, which never takes a value twice, so that no two rows share a file.
INSERT INTO main.download_history
  (id, user_id, platform, url, title, uploader, quality, audio_only, status, file_name, size_bytes,
   received_bytes, duration_seconds, error, added_at, finished_at, legacy_ui_state)
WITH RECURSIVE
  row (i, a, b, c, d, e, f) AS (
    SELECT
      1,
      1 + (seed * 7919 + 104729) % 2147483646,
      1 + (seed * 7927 + 1299709) % 2147483646,
      1 + (seed * 7933 + 15485863) % 2147483646,
      1 + (seed * 7937 + 32452843) % 2147483646,
      1 + (seed * 7949 + 49979687) % 2147483646,
      1 + (seed * 7951 + 67867967) % 2147483646
    FROM wanted
    UNION ALL
    SELECT
      i + 1,
      a * 742938285 % 2147483647,
      b * 950706376 % 2147483647,
      c * 1226874159 % 2147483647,
      d * 62089911 % 2147483647,
      e * 1343714438 % 2147483647,
      f * 630360016 % 2147483647
    FROM row, wanted
    WHERE i < rows
  ),
  chosen AS (
    SELECT
      i, c, d, e, f,
      1 + a / 65536 * (a / 65536) * users / 1073741824 AS user_id,
      CASE WHEN b % 100 < 61 THEN 'youtube' WHEN b % 100 < 88 THEN 'tiktok' ELSE 'direct' END AS platform,
      CASE WHEN i > rows - unfinished THEN 'queued'
           WHEN c % 1000 < 905 THEN 'done' WHEN c % 1000 < 965 THEN 'failed' ELSE 'cancelled' END AS status,
      CASE WHEN d % 100 < 55 THEN 'best' WHEN d % 100 < 75 THEN '1080' WHEN d % 100 < 90 THEN '720'
           WHEN d % 100 < 96 THEN '480' ELSE '360' END AS quality,
      b % 100 < 88 AND e % 100 < 13 AS audio_only,
      f / 2147483648.0 AS u,
      CASE WHEN b % 100 < 61 THEN 40 + f / 2147483648.0 * (f / 2147483648.0) * (f / 397682.0)
           WHEN b % 100 < 88 THEN 8 + f / 12485370.0 END AS seconds,
      i * 7368787 % (36000 * (1 + rows / 36000)) AS pick,
      sqrt(1.0 * i / rows) * 1095 AS day
    FROM row, wanted
    LIMIT -1
  ),
  told AS (
    SELECT
      chosen.*,
      -- Busier every year, and never before half past six in the morning.
      1672531200 + CAST(day AS INTEGER) * 86400
        + CAST(23400 + (day - CAST(day AS INTEGER)) * (76000 - 14000 * (day - CAST(day AS INTEGER))) AS INTEGER) + e / 1000 % 900 AS added,
      -- A third of what failed did so before the platform told anything.
      status = 'queued' OR (status = 'failed' AND f % 3 = 0) AS is_untold,
      CAST(CASE
        WHEN platform = 'direct' THEN 900000 + 1900000000 * pow(u, 5)
        WHEN audio_only THEN seconds * 16200
        ELSE seconds * (0.7 + d / 4294967296.0) * CASE quality
          WHEN 'best' THEN 430000 WHEN '1080' THEN 330000 WHEN '720' THEN 180000 WHEN '480' THEN 95000 ELSE 60000 END
      END AS INTEGER) AS size
    FROM chosen, wanted
    LIMIT -1
  ),
  worded AS (
    SELECT
      told.*, name, handle, folder,
      CASE platform
        WHEN 'youtube' THEN 'https://www.youtube.com/watch?v=' || half.word || (10000 + d / 7 % 90000)
        WHEN 'tiktok' THEN 'https://www.tiktok.com/@' || handle
          || '/video/' || (7000000000000000000 + c * 200000000 + d % 200000000)
        ELSE 'https://media.example.com/' || (2023 + CAST(day AS INTEGER) / 365) || '/recording-' || i || '.mp4'
      END AS url,
      iif(platform = 'direct', 'recording-' || i,
        iif(pick < 36000, title.word, title.word || part || (1 + pick / 36000))
        || iif(platform = 'tiktok' AND e % 4 = 0, ' 🍜', '')) AS named
    FROM told
      CROSS JOIN title ON title.id = pick % 36000
      CROSS JOIN who ON who.id = f / 7 % 20 + 20 * user_id
      CROSS JOIN half ON half.id = c % 65536
  )
SELECT
  i,
  user_id,
  platform,
  url,
  iif(is_untold, url, named),
  iif(is_untold OR platform = 'direct', NULL, iif(platform = 'tiktok', handle, name)),
  quality,
  audio_only,
  status,
  iif(status = 'done',
    folder || named || iif(audio_only, '.m4a', '.mp4'),
    NULL),
  iif(is_untold, NULL, size),
  CASE WHEN status = 'done' THEN size WHEN is_untold THEN 0 ELSE CAST(size * (c / 2147483648.0) AS INTEGER) END,
  iif(is_untold, NULL, round(seconds, 1)),
  iif(status = 'failed', (SELECT error FROM failure WHERE id = d % 4 + 4 * (platform = 'direct')), NULL),
  -- datetime and a fraction of three digits: a third of what strftime takes.
  replace(datetime(added, 'unixepoch'), ' ', 'T') || '.' || (100 + c % 900) || 'Z',
  iif(status = 'queued', NULL,
    replace(datetime(added + 2 + iif(is_untold, 0, size / 4000000), 'unixepoch'), ' ', 'T') || '.' || (100 + d % 900) || 'Z'),
  CASE WHEN e / 100 % 100 < 4 THEN '{"pinned":true,"expanded":false}'
       WHEN e / 100 % 100 < 5 THEN '{"pinned":true,"expanded":true}'
       WHEN e / 100 % 100 < 18 THEN '{"pinned":false,"expanded":true}'
       WHEN e / 100 % 100 < 30 THEN '{"pinned":false,"expanded":false}' END
FROM worded;
