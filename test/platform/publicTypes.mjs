// Reads the published declarations with TypeScript's own compiler: what each entry exports, what it refers to without
// exporting it, what has no comment. Prints JSON.
//
//   node publicTypes.mjs <typescript> <folder of the declarations> <entry> …
import { createRequire } from 'node:module';
import { join } from 'node:path';

const [compiler, folder, ...names] = process.argv.slice(2);
const ts = createRequire(import.meta.url)(compiler);
const files = names.map((name) => join(folder, `${name}.d.ts`));
const program = ts.createProgram(files, {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  lib: ['lib.es2022.d.ts', 'lib.dom.d.ts'],
  types: [],
});
const checker = program.getTypeChecker();

const report = {};
for (const [n, file] of files.entries()) report[names[n]] = describe(file);
console.log(JSON.stringify(report));

function describe(file) {
  const module = checker.getSymbolAtLocation(program.getSourceFile(file));
  const found = checker
    .getExportsOfModule(module)
    .map((symbol) => ({ name: symbol.name, symbol: aimOf(symbol) }));
  const exported = new Set(found.map(({ symbol }) => symbol));
  const missing = found.flatMap(({ name, symbol }) =>
    [...referencesOf(symbol)]
      .filter((aim) => !exported.has(aim))
      .map((aim) => `${name} refers to ${aim.name} of ${fileOf(aim)}`),
  );
  const undocumented = found.filter(({ symbol }) => symbol.getDocumentationComment(checker).length === 0);
  return {
    names: found.map(({ name }) => name),
    members: found.flatMap(({ name, symbol }) =>
      membersOf(symbol).map((member) => `${name}${argumentsOf(symbol)}.${member}`),
    ),
    missing: [...new Set(missing)],
    undocumented: undocumented.map(({ name }) => name),
  };
}

/** What a name stands for, through imports and re-exports. */
function aimOf(symbol) {
  return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
}

/** Our own types that the declaration of a symbol names. */
function referencesOf(symbol) {
  const references = new Set();
  const visit = (node) => {
    const hidden = node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.PrivateKeyword);
    if (hidden) return;
    const name = ts.isTypeReferenceNode(node)
      ? node.typeName
      : ts.isExpressionWithTypeArguments(node)
        ? node.expression
        : null;
    const aim = name && checker.getSymbolAtLocation(name);
    if (aim && isOurs(aimOf(aim))) references.add(aimOf(aim));
    ts.forEachChild(node, visit);
  };
  for (const declaration of symbol.declarations ?? []) visit(declaration);
  return references;
}

/** Where a symbol is declared. */
function fileOf(symbol) {
  return symbol.declarations?.[0]?.getSourceFile().fileName.replace(`${folder}/`, '') ?? '';
}

function isOurs(symbol) {
  const file = symbol.declarations?.[0]?.getSourceFile().fileName ?? '';
  return file.startsWith(folder) && !(symbol.flags & ts.SymbolFlags.TypeParameter);
}

/** `<any>` for a class with a type parameter. */
function argumentsOf(symbol) {
  const parameters = checker.getDeclaredTypeOfSymbol(symbol).typeParameters ?? [];
  return parameters.length > 0 ? `<${parameters.map(() => 'any').join(', ')}>` : '';
}

/** Public members of the instances of a class. */
function membersOf(symbol) {
  if (!(symbol.flags & ts.SymbolFlags.Class)) return [];
  return checker
    .getPropertiesOfType(checker.getDeclaredTypeOfSymbol(symbol))
    .map(({ name }) => name)
    .filter((name) => /^[a-z]\w*$/i.test(name));
}
