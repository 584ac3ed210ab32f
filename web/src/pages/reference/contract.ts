// The contract, as the reference shows it.

export interface Schema {
  $ref?: string;
  type?: string | string[];
  description?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  oneOf?: Schema[];
  anyOf?: Schema[];
  allOf?: Schema[];
  enum?: unknown[];
  format?: string;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  pattern?: string;
}
export interface Parameter {
  name: string;
  in: string;
  required?: boolean;
  description?: string;
  schema?: Schema;
}
type Content = Record<string, { schema?: Schema }>;
export interface Answer {
  description: string;
  content?: Content;
  headers?: Record<string, { description?: string; schema?: Schema }>;
}
interface RawOperation {
  tags?: string[];
  operationId?: string;
  summary?: string;
  description?: string;
  parameters?: Parameter[];
  requestBody?: { description?: string; content: Content; required?: boolean };
  responses: Record<string, Answer>;
  'x-role'?: string;
  'x-everywhere'?: boolean;
}
export interface Contract {
  info: { title: string; version: string; description?: string };
  paths: Record<string, Record<string, RawOperation>>;
  components: { schemas: Record<string, Schema> };
}

export interface Operation extends RawOperation {
  id: string;
  method: string;
  path: string;
}
export interface Group {
  tag: string;
  operations: Operation[];
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];

/** All operations, in the order of the contract. */
export function operationsOf(contract: Contract): Operation[] {
  return Object.entries(contract.paths).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const raw = item[method];
      return raw ? [{ ...raw, method: method.toUpperCase(), path, id: raw.operationId ?? `${method}_${path}` }] : [];
    }),
  );
}

/** By tag, in the order in which tags come first. */
export function groupsOf(operations: Operation[]): Group[] {
  const groups = new Map<string, Operation[]>();
  for (const operation of operations) {
    const tag = operation.tags?.[0] ?? '';
    groups.set(tag, [...(groups.get(tag) ?? []), operation]);
  }
  return [...groups].map(([tag, of]) => ({ tag, operations: of }));
}

/** The words that are looked for are all somewhere in what is said. */
function has(said: (string | undefined)[], wanted: string): boolean {
  const all = said.join(' ').toLowerCase();
  return wanted
    .toLowerCase()
    .split(/\s+/)
    .every((word) => all.includes(word));
}

export function searchOperations(operations: Operation[], wanted: string): Operation[] {
  return operations.filter(({ method, path, id, summary, description, tags }) =>
    has([method, path, id, summary, description, ...(tags ?? [])], wanted),
  );
}

export function searchSchemas(contract: Contract, wanted: string): string[] {
  return Object.entries(contract.components.schemas)
    .filter(([name, schema]) => has([name, schema.description, ...Object.keys(fieldsOf(schema))], wanted))
    .map(([name]) => name)
    .sort((a, b) => a.localeCompare(b));
}

export const nameOf = (reference: string) => reference.split('/').at(-1) ?? '';

/** The fields of an object, also of one that is made of several. */
export function fieldsOf(schema: Schema): Record<string, Schema> {
  return Object.assign({}, ...(schema.allOf ?? []).map(fieldsOf), schema.properties);
}

export function requiredOf(schema: Schema): Set<string> {
  return new Set([...(schema.required ?? []), ...(schema.allOf ?? []).flatMap((one) => [...requiredOf(one)])]);
}

/** What a schema says beside references: of a nullable or described one, what it says itself or what is in it. */
export function descriptionOf(schema: Schema): string {
  const own = schema.description ?? '';
  return (
    own ||
    (schema.oneOf ?? schema.anyOf ?? [])
      .map((one) => one.description)
      .filter(Boolean)
      .join(' ')
  );
}

/** The names of all schemas that something refers to. */
export function referencesIn(value: unknown, found = new Set<string>()): Set<string> {
  if (Array.isArray(value)) value.forEach((one) => referencesIn(one, found));
  else if (value !== null && typeof value === 'object') {
    for (const [key, one] of Object.entries(value)) {
      if (key === '$ref' && typeof one === 'string') found.add(nameOf(one));
      else referencesIn(one, found);
    }
  }
  return found;
}

/** Lists tell their items in full; where these have a name of their own, it is shown instead. */
export function withNamedItems(contract: Contract): Contract {
  const { schemas } = contract.components;
  const named = Object.entries(schemas).map(([name, schema]): [string, Schema] => {
    const item = /^Page_(.+)$/.exec(name)?.[1];
    if (!item || !schemas[item] || !schema.properties) return [name, schema];
    const items: Schema = { type: 'array', items: { $ref: `#/components/schemas/${item}` } };
    return [name, { ...schema, properties: { ...schema.properties, items } }];
  });
  return { ...contract, components: { ...contract.components, schemas: Object.fromEntries(named) } };
}
