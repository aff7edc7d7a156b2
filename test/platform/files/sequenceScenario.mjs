// Trains a model of sequences and answers a session from its file, opened as an application opens it where it serves.

/** @returns what is recommended after a session, and by a user's own history */
export async function runSequenceScenario(llminit, { Recommender }, { load, Sequences }) {
  const rows = Array.from({ length: 160 }, (_, n) => ({
    user: `u${n >> 3}`,
    item: `i${(5 * (n >> 3) + (n & 7)) % 12}`,
    timestamp: n,
  }));
  const split = llminit.leaveOneOut(llminit.Interactions.from(rows), { order: 'time' });
  const tables = await llminit.initialize(split.train, null, { strategy: 'xavier', dim: 8, seed: 1 });
  const { factors, sequence } = await llminit.fit(split, tables, {
    model: 'sasrec',
    epochs: 3,
    batchSize: 8,
  });
  const scorer = new llminit.SequenceScorer('sasrec', { items: factors.items, weights: sequence });
  const bytes = llminit.encodeModel(llminit.modelFrom(split, scorer));
  const recommender = await Recommender.open(bytes, { sequences: new Sequences(await load()) });
  return {
    crc: bytes.reduce((sum, byte, n) => (sum + byte * (n + 1)) % 1000003, 0),
    session: recommender.recommend({ history: ['i1', 'i2', 'i3'] }, { k: 3 }),
    user: recommender.recommend('u2', { k: 3 }),
  };
}
