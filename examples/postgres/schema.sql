CREATE TABLE items (
  item_id text PRIMARY KEY,
  title text NOT NULL,
  description text NOT NULL DEFAULT '',
  shelf text,
  price numeric
);

-- What people did.
CREATE TABLE events (
  user_id text NOT NULL,
  item_id text NOT NULL REFERENCES items,
  at timestamptz NOT NULL DEFAULT now()
);

-- What recommend.mjs writes: the items of each person, best first.
CREATE TABLE recommendations (
  user_id text NOT NULL,
  place smallint NOT NULL,
  item_id text NOT NULL REFERENCES items ON DELETE CASCADE,
  score real NOT NULL,
  PRIMARY KEY (user_id, place)
);
