import type { BlendShare, ModelData } from '../../serve/modelFile/data.ts';
import { quotedName, quotedText } from './copyText.ts';

/** Queries by the name of their file. */
export type PostgresQueries = Readonly<Record<string, string>>;

/**
 * Queries with parameters: `user.sql` ($1 the id of a user), `history.sql` ($1 ids of items, as an array) and `similar.sql` ($1 the
 * id of an item), each with $2, how many. They rank as `Recommender` does: what a person has and what is hidden is left
 * out, a stranger's row is the mean of the history's. Where nothing is known of somebody they give no row.
 */
export function postgresQueries(model: ModelData, schema: string): PostgresQueries {
  const own = quotedName(schema);
  const isKnown = model.userFactors !== null || model.seen !== null;
  return {
    ...(isKnown && { 'user.sql': userQuery(model, own) }),
    'history.sql': historyQuery(model, own),
    ...((model.dim > 0 || model.rows) && { 'similar.sql': similarQuery(model, own) }),
  };
}

function userQuery(model: ModelData, schema: string): string {
  const { dim, userFactors } = model;
  const likes = `SELECT h.item_place FROM ${schema}.has h JOIN person USING (user_place) WHERE h.liked`;
  const known = 'EXISTS (SELECT FROM likes)';
  const isRow = dim > 0 && userFactors !== null;
  const person = `person AS MATERIALIZED (
  SELECT place AS user_place${isRow ? ', factors' : ''} FROM ${schema}.users WHERE id = $1
)`;
  return query({
    about: 'The items that are best for a user: $1 the id, $2 how many.',
    model,
    schema,
    ctes: [person, `likes AS MATERIALIZED (\n  ${likes}\n)`],
    row: isRow ? 'SELECT factors FROM person' : meanRow(schema),
    known: isRow ? `(${known} OR (SELECT factors <#> factors <> 0 FROM person))` : known,
    leftOut: `SELECT FROM ${schema}.has h JOIN person USING (user_place) WHERE h.item_place = i.place`,
  });
}

function historyQuery(model: ModelData, schema: string): string {
  return query({
    about: 'The items that are best for somebody by a history: $1 ids of items as an array, $2 how many.',
    model,
    schema,
    ctes: [
      `likes AS MATERIALIZED (\n  SELECT place AS item_place FROM ${schema}.items WHERE id = ANY ($1)\n)`,
    ],
    row: meanRow(schema),
    known: 'EXISTS (SELECT FROM likes)',
    leftOut: 'SELECT FROM likes WHERE item_place = i.place',
  });
}

/** The mean of the rows of what somebody likes. */
function meanRow(schema: string): string {
  return `SELECT avg(factors) FROM ${schema}.items JOIN likes ON place = item_place`;
}

function similarQuery(model: ModelData, schema: string): string {
  const likes = `likes AS MATERIALIZED (\n  SELECT place AS item_place FROM ${schema}.items WHERE id = $1\n)`;
  const about = 'The items most similar to one: $1 its id, $2 how many.';
  const parts = {
    ...{ about, model, schema, ctes: [likes] },
    row: `SELECT factors FROM ${schema}.items WHERE id = $1`,
    known: 'EXISTS (SELECT FROM likes)',
    leftOut: 'SELECT FROM likes WHERE item_place = i.place',
  };
  return query({ ...parts, isCosine: model.dim > 0 });
}

interface QueryParts {
  readonly about: string;
  readonly model: ModelData;
  readonly schema: string;
  readonly ctes: readonly string[];
  /** A query of one row: what the factors are multiplied by. */
  readonly row: string;
  /** Whether there is anybody, or anything, to rank for. */
  readonly known: string;
  /** A query of an item `i` that has rows where it is left out. */
  readonly leftOut: string;
  readonly isCosine?: boolean;
}

function query({ about, model, schema, ctes, row, known, leftOut, isCosine = false }: QueryParts): string {
  const shares = isCosine ? [FACTORS] : sharesOf(model);
  const usesRows = shares.some(({ part }) => part === 'rows');
  const usesFactors = shares.some(({ part }) => part === 'factors');
  const all = [
    ...ctes,
    ...(usesFactors ? [`query AS MATERIALIZED (\n  ${row}\n)`] : []),
    ...(usesRows ? [rowScores(schema)] : []),
  ];
  const isPlain = shares.length === 1 && usesFactors;
  const distance = `i.factors ${isCosine ? '<=>' : '<#>'} (SELECT * FROM query)`;
  const plain = isCosine ? `1 - (${distance})` : `-(${distance})`;
  const score = isPlain
    ? `(${plain})::real`
    : `(${shares.map((share) => term(share, plain)).join(' + ')})::real`;
  const filters = filterExamples(model);
  return `-- ${about}
WITH ${all.join(', ')}
SELECT i.id, i.title, ${score} AS score
FROM ${schema}.items i${usesRows ? ' LEFT JOIN row_scores r ON r.target_place = i.place' : ''}
WHERE NOT i.hidden AND ${known}
  AND NOT EXISTS (${leftOut})
  -- Filters stand here${filters === '' ? '' : `, for example:\n${filters}`}
ORDER BY ${isPlain ? distance : 'score DESC'}, i.place
LIMIT $2
`;
}

const FACTORS: BlendShare = { part: 'factors', weight: 1, deviation: 1 };

/** What a model adds up, as `ModelScorer` has it. */
function sharesOf({ blend, dim, rows }: ModelData): readonly BlendShare[] {
  if (blend) return blend.filter(({ weight }) => weight > 0);
  return [{ ...FACTORS, part: dim > 0 ? 'factors' : rows ? 'rows' : 'items' }];
}

function term({ part, weight, deviation }: BlendShare, plain: string): string {
  const factor = Math.fround(weight / deviation);
  const score = { factors: plain, rows: 'coalesce(r.score, 0)', items: 'i.score' }[part];
  return factor === 1 ? score : `${factor} * ${part === 'factors' ? `(${score})` : score}`;
}

/** Σ over what somebody likes of the weights of its pairs. */
function rowScores(schema: string): string {
  return `row_scores AS MATERIALIZED (
  SELECT target_place, sum(weight::double precision) AS score
  FROM ${schema}.pairs JOIN likes USING (item_place) GROUP BY target_place
)`;
}

/** A condition for each kept column, as a comment. */
function filterExamples({ attributes }: ModelData): string {
  const examples = Object.entries(attributes ?? {}).map(([name, column]) => {
    const quoted = `i.${quotedName(name)}`;
    if (column.type === 'number') return `${quoted} < 20`;
    if (column.type === 'boolean') return quoted;
    const value = quotedText(column.dictionary[0] ?? 'value').replaceAll('\n', ' ');
    return column.type === 'text' ? `${quoted} = ${value}` : `${value} = ANY (${quoted})`;
  });
  return examples.map((example) => `  -- AND ${example}`).join('\n');
}
