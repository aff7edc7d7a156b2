import { FormatError } from '../../errors.ts';
import type { Sample } from './dialect.ts';

/** A kind of text that is no table. */
interface OtherText {
  readonly what: string;
  readonly remedy: string;
  /** what most lines look like, or the whole beginning where `isHead` */
  readonly pattern: { test(text: string): boolean };
  readonly isHead?: boolean;
  /** whether most lines begin with one of few values, as labels are */
  readonly hasLabels?: boolean;
}

const EXPORT = 'Export the table as CSV, JSON lines or Parquet';
const EXTRACT = 'Write the user, the item and the time of each line as CSV';

/** Whether a line has `name=value` twice or more, and little else. */
function holdsPairs(line: string): boolean {
  const words = line.trim().split(/[\s,;&]+/);
  const pairs = words.filter((word) => /^[A-Za-z_][\w.-]*=/.test(word));
  return pairs.length > 1 && 2 * pairs.length >= words.length;
}

const KINDS: readonly OtherText[] = [
  {
    what: 'SQL statements',
    remedy: EXPORT,
    pattern:
      /^(insert\s+(ignore\s+)?into\s+\S+.*(\(|values|select)|create\s+(table|database)\s|drop\s+(table|database)\s|copy\s+\S+.*\sfrom\s+stdin|begin(\s+transaction)?;|start\s+transaction;|pragma\s+\w+|\/\*!\d+ |set\s+\w+\s*=.*;\s*$|-- .*\bdump\b)/im,
    isHead: true,
  },
  {
    what: 'HTML',
    remedy: EXPORT,
    pattern: /^\s*<(!--|table|html|body|div|head|tbody|tr)[\s>]/i,
    isHead: true,
  },
  { what: 'XML', remedy: EXPORT, pattern: /^\s*<(\?|!|[a-z][\w:.-]*(\s[^<]*)?\/?>)/i, isHead: true },
  { what: 'RDF triples', remedy: EXTRACT, pattern: /^\s*(<[^>]+>|_:\S+)\s+<[^>]+>\s.*\.\s*$/ },
  {
    what: 'log lines of a web server',
    remedy: EXTRACT,
    pattern: /^\S+ \S+ .*\[\d{1,2}\/[A-Za-z]{3}\/\d{4}:[\d:]+( [+-]\d{4})?\] "/,
  },
  {
    what: 'log lines',
    remedy: EXTRACT,
    pattern:
      /^\[?\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d\S*\]?[ ,|:-]+.{0,60}?\b(TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|FATAL|CRITICAL)\b/,
  },
  {
    what: 'log lines',
    remedy: EXTRACT,
    pattern:
      /^(TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|FATAL|CRITICAL)\b[: [-]|^[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \S+ [^ :]+:/,
  },
  {
    what: 'lines of name=value pairs',
    remedy: EXTRACT,
    pattern: { test: holdsPairs },
  },
  { what: 'assignments of Python', remedy: EXTRACT, pattern: /^[A-Za-z_]\w*(\[[^\]]*\])+ ?=/ },
  {
    what: 'features of libSVM or libFM (label index:value …)',
    remedy: EXTRACT,
    pattern: /^[-+]?[\d.]+(e-?\d+)?(\s+(qid|\d+):[-+\w.]+)+\s*(#.*)?$/,
    hasLabels: true,
  },
  {
    what: 'examples of Vowpal Wabbit (label |namespace features)',
    remedy: EXTRACT,
    pattern: /^[-+]?[\d.]+(\s+[-+\w.']+)*\s+\|[A-Za-z]\w*\s+\S/,
    hasLabels: true,
  },
  {
    what: 'an ARFF file',
    remedy: 'Pass what stands below @data as CSV',
    pattern: /^@relation\b/im,
    isHead: true,
  },
  {
    what: 'YAML',
    remedy: EXPORT,
    pattern: /^(---\s*\n\s*)?(- |\s{0,4}- ?\n\s*)?[\w"' -]+:( .*)?\n\s*(- )?[\w"' -]+:( |\n)/,
    isHead: true,
  },
  {
    what: 'a graph in GML',
    remedy: 'Write its edges as CSV',
    pattern: /^\s*(Creator.*\n)?\s*graph\s*\[/i,
    isHead: true,
  },
];

/** From this share of lines on, a text is of a kind. */
const MOST = 0.8;

function haveLabels(lines: readonly string[]): boolean {
  const labels = new Set(lines.map((line) => /^\S{0,20}/.exec(line.trim())![0]));
  return lines.length > 2 && labels.size <= 0.5 * lines.length;
}

/** @throws {FormatError} for a text that is no table, saying what it is and what to do */
export function assertTable({ lines, numbers }: Sample, name: string): void {
  const head = lines
    .slice(0, 40)
    .map((line) => line.slice(0, 500))
    .join('\n');
  const kind = KINDS.find(({ pattern, isHead, hasLabels }) => {
    if (isHead) return pattern.test(head);
    if (hasLabels && !haveLabels(lines)) return false;
    return lines.filter((line) => line.length < 5000 && pattern.test(line)).length >= MOST * lines.length;
  });
  if (!kind) return;
  const problem = `expected a table, received ${kind.what}: ${JSON.stringify(lines[0].slice(0, 60))}`;
  throw new FormatError(`${name}:${numbers[0]}`, problem, kind.remedy);
}
