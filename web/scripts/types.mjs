// Writes src/api/types.ts from the server's contract: `npm run types`. With --check it fails where the file is not what it should be.
import { readFileSync, writeFileSync } from 'node:fs';

const contract = new URL('../../docs/openapi.json', import.meta.url);
const target = new URL('../src/api/types.ts', import.meta.url);
const METHODS = ['get', 'post', 'put', 'patch', 'delete'];

const { paths, components } = JSON.parse(readFileSync(contract, 'utf8'));

/** The name of a schema that a reference leads to. */
const named = (reference) => reference.split('/').at(-1);
const quoted = (name) => (/^[A-Za-z_]\w*$/.test(name) ? name : JSON.stringify(name));
const comment = (text, indent) =>
  text ? `${indent}/** ${text.replaceAll('*/', '*\\/').replace(/\s*\n\s*/g, ' ')} */\n` : '';

/** The type of a schema, in TypeScript. */
function type(schema, indent = '') {
  if (!schema) return 'unknown';
  if (schema.$ref) return named(schema.$ref);
  if (schema.oneOf ?? schema.anyOf) return (schema.oneOf ?? schema.anyOf).map((one) => type(one, indent)).join(' | ');
  if (schema.allOf) return schema.allOf.map((one) => type(one, indent)).join(' & ');
  if (schema.enum) return schema.enum.map((one) => JSON.stringify(one)).join(' | ');
  if (Array.isArray(schema.type)) return schema.type.map((one) => type({ ...schema, type: one }, indent)).join(' | ');
  switch (schema.type) {
    case 'array': {
      const item = type(schema.items, indent);
      return /[|&]/.test(item) ? `(${item})[]` : `${item}[]`;
    }
    case 'object':
      return object(schema, indent);
    case 'integer':
    case 'number':
      return 'number';
    case 'string':
    case 'boolean':
    case 'null':
      return schema.type;
    default:
      return 'unknown';
  }
}

function object(schema, indent) {
  const deeper = `${indent}  `;
  const required = new Set(schema.required ?? []);
  const fields = Object.entries(schema.properties ?? {}).map(
    ([name, of]) =>
      comment(of.description, deeper) +
      `${deeper}${quoted(name)}${required.has(name) ? '' : '?'}: ${type(of, deeper)};\n`,
  );
  return `{\n${fields.join('')}${indent}}`;
}

/** An object of parameters. */
function parameters(operation, where) {
  const of = (operation.parameters ?? []).filter((parameter) => parameter.in === where);
  if (of.length === 0) return undefined;
  const fields = of.map(
    ({ name, required, schema }) => `${quoted(name)}${required ? '' : '?'}: ${type(schema, '    ')}`,
  );
  return `{ ${fields.join('; ')} }`;
}

function content(of) {
  const media = of?.content ?? {};
  if (media['application/json']) return type(media['application/json'].schema, '    ');
  return Object.keys(media).length > 0 ? 'unknown' : undefined;
}

function operation(method, path, of) {
  const success = Object.entries(of.responses).find(([status]) => status.startsWith('2'));
  const parts = {
    path: parameters(of, 'path'),
    query: parameters(of, 'query'),
    body: content(of.requestBody),
    answer: content(success?.[1]) ?? 'void',
  };
  const fields = Object.entries(parts).filter(([, value]) => value !== undefined);
  const name = `${method.toUpperCase()} ${path}`;
  return (
    comment(of.summary, '  ') +
    `  '${name}': {\n` +
    fields.map(([key, value]) => `    ${key}: ${value};\n`).join('') +
    '  };\n'
  );
}

const operations = Object.entries(paths).flatMap(([path, item]) =>
  METHODS.filter((method) => item[method]).map((method) => ({ method, path, of: item[method] })),
);

/** A page is of things that have a name of their own. */
function page(name, schema) {
  const item = name.match(/^Page_(.+)$/)?.[1];
  return item in components.schemas
    ? type({ ...schema, properties: { ...schema.properties, items: { type: 'array', items: { $ref: item } } } })
    : type(schema);
}

const schemas = Object.entries(components.schemas).map(
  ([name, schema]) => `${comment(schema.description, '')}export type ${name} = ${page(name, schema)};\n`,
);

const roles = operations.map(
  ({ method, path, of }) => `  '${method.toUpperCase()} ${path}': '${of['x-role'] ?? 'nobody'}',\n`,
);

const text = `// Made from docs/openapi.json by \`npm run types\`; edit that, not this.

${schemas.join('\n')}
/** What can be asked, with what, and what is answered. */
export interface Operations {
${operations.map(({ method, path, of }) => operation(method, path, of)).join('')}}

/** The least role that may ask. */
export const ROLE_OF: { [operation in keyof Operations]: Role | 'nobody' } = {
${roles.join('')}};
`;

if (process.argv.includes('--check')) {
  if (readFileSync(target, 'utf8') !== text) {
    console.error(
      'error: src/api/types.ts is not what docs/openapi.json says\nhint: `npm run types`, and look at what changed',
    );
    process.exit(1);
  }
} else {
  writeFileSync(target, text);
}
