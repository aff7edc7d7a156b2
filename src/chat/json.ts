/**
 * A JSON object or list that stands in a text: the last object, else the last list, since models that reason aloud end with
 * the answer; of a text that was cut, what is whole of a list in it. undefined where there is none.
 */
export function jsonIn(text: string): unknown {
  const answer = text.replace(/^[\s\S]*<\/think>/, '');
  const whole = parsed(answer);
  if (whole !== undefined) return whole;
  const values = valuesIn(answer);
  const objects = values.filter((value) => !Array.isArray(value));
  const found = objects.at(-1) ?? values.at(-1);
  const start = answer.search(/[{[]/);
  return found ?? (start < 0 ? undefined : cut(answer.slice(start)));
}

/** Brackets that open and are never closed, as far as they are looked at: an answer of them alone takes no long time. */
const MOST_OPEN = 20;

/** Values that stand side by side in a text, with anything between them. */
function valuesIn(text: string): unknown[] {
  const values: unknown[] = [];
  const bracket = /[{[]/g;
  for (let open = 0; open < MOST_OPEN; ) {
    const start = bracket.exec(text)?.index;
    if (start === undefined) break;
    const end = endOf(text, start);
    const value = end < 0 ? undefined : parsed(text.slice(start, end));
    if (end < 0) open++;
    if (value === undefined) continue;
    values.push(value);
    bracket.lastIndex = end;
  }
  return values;
}

function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Where the bracket that opens at `start` is closed; −1 where it is not. */
function endOf(text: string, start: number): number {
  let depth = 0;
  let isText = false;
  for (let at = start; at < text.length; at++) {
    const letter = text[at];
    if (isText) {
      if (letter === '\\') at++;
      else if (letter === '"') isText = false;
    } else if (letter === '"') isText = true;
    else if (letter === '{' || letter === '[') depth++;
    else if ((letter === '}' || letter === ']') && --depth === 0) return at + 1;
  }
  return -1;
}

/** The value of a text that ends within it: what is whole of a list in it. */
function cut(text: string): unknown {
  const last = Math.max(text.lastIndexOf(','), text.lastIndexOf('['));
  if (last < 0) return undefined;
  const whole = text.slice(0, text[last] === '[' ? last + 1 : last);
  return parsed(`${whole}]}`) ?? parsed(`${whole}]`) ?? parsed(`${whole}}`);
}
