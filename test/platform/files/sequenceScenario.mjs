// Trains models of sequences, of items and of codes, and answers a session from their files, opened as an application opens them
// where it serves.

/** @returns by model what is recommended after a session, and by a user's own history */
export async function runSequenceScenario(llminit, { Recommender }, { load, Sequences }) {
  const rows = Array.from({ length: 160 }, (_, n) => ({
    user: `u${n >> 3}`,
    item: `i${(5 * (n >> 3) + (n & 7)) % 12}`,
    timestamp: n,
  }));
  const split = llminit.leaveOneOut(llminit.Interactions.from(rows), { order: 'time' });
  const tables = await llminit.initialize(split.train, null, { strategy: 'xavier', dim: 8, seed: 1 });
  const columns = 3;
  const values = Int32Array.from({ length: 36 }, (_, at) => [at % 4, (at >> 2) % 2, at >> 3][at % columns]);
  const answered = async (options, scorerOf) => {
    const { factors, sequence } = await llminit.fit(split, tables, { epochs: 3, batchSize: 8, ...options });
    const bytes = llminit.encodeModel(llminit.modelFrom(split, scorerOf(factors, sequence)));
    const recommender = await Recommender.open(bytes, { sequences: new Sequences(await load()) });
    return {
      crc: bytes.reduce((sum, byte, n) => (sum + byte * (n + 1)) % 1000003, 0),
      session: recommender.recommend({ history: ['i1', 'i2', 'i3'] }, { k: 3 }),
      user: recommender.recommend('u2', { k: 3 }),
    };
  };
  return {
    sasrec: await answered(
      { model: 'sasrec' },
      ({ items }, weights) => new llminit.SequenceScorer('sasrec', { items, weights }),
    ),
    tiger: await answered(
      { model: 'tiger', codes: { columns, values }, beams: 2 },
      (_, weights) => new llminit.CodeScorer('tiger', weights),
    ),
  };
}
