// Types as people read them, and examples of them.
import { fieldsOf, nameOf, requiredOf, type Schema } from './contract';

/** A piece of a type: text, or the name of a schema that can be followed. */
export interface Piece {
  text: string;
  schema?: string;
}

/** A type in one line: `Class | null`, `Alarm[]`. */
export function typeOf(schema: Schema | undefined): Piece[] {
  if (!schema) return [{ text: 'anything' }];
  if (schema.$ref) return [{ text: nameOf(schema.$ref), schema: nameOf(schema.$ref) }];
  const choices = schema.oneOf ?? schema.anyOf;
  if (choices) return joined(choices.map(typeOf), ' | ');
  if (schema.allOf) return joined(schema.allOf.map(typeOf), ' & ');
  if (schema.enum) return [{ text: schema.enum.map((one) => JSON.stringify(one)).join(' | ') }];
  if (Array.isArray(schema.type)) {
    return joined(schema.type.map((type) => typeOf({ ...schema, type })), ' | '); // prettier-ignore
  }
  if (schema.type === 'array') {
    const items = typeOf(schema.items);
    const isOne = items.length === 1 && !items[0]?.text.includes('|');
    return isOne ? [...items, { text: '[]' }] : [{ text: '(' }, ...items, { text: ')[]' }];
  }
  if (schema.type === 'object' && schema.properties) {
    const required = requiredOf(schema);
    const fields = Object.entries(schema.properties).map(([name, of]) => [
      { text: `${name}${required.has(name) ? '' : '?'}: ` },
      ...typeOf(of),
    ]);
    return [{ text: '{ ' }, ...joined(fields, ', '), { text: ' }' }];
  }
  return [{ text: schema.type ?? 'anything' }];
}

function joined(parts: Piece[][], by: string): Piece[] {
  return parts.flatMap((pieces, index) => (index > 0 ? [{ text: by }, ...pieces] : pieces));
}

/** What a value must keep to, beside its type. */
export function boundsOf(schema: Schema): string {
  const inner = (schema.oneOf ?? schema.anyOf ?? []).map(boundsOf).filter(Boolean);
  const range = (from: number | undefined, to: number | undefined, of: string) => {
    if (from !== undefined && to !== undefined) return `${from} to ${to}${of}`;
    if (to !== undefined) return `${to}${of} at most`;
    return from !== undefined && from > 0 ? `${from}${of} at least` : '';
  };
  return [
    range(schema.minimum, schema.maximum, ''),
    range(schema.minLength, schema.maxLength, ' characters'),
    range(schema.minItems, schema.maxItems, ' items'),
    schema.pattern ?? '',
    ...inner,
  ]
    .filter(Boolean)
    .join(', ');
}

/** Deeper than this an example helps nobody. */
const DEEPEST = 4;
const BY_NAME: Record<string, unknown> = {
  password: 'four words that nobody else says',
  name: 'anna',
  reason: 'maintenance',
};

/** A value that a schema describes, with what is required. */
export function exampleOf(schema: Schema | undefined, schemas: Record<string, Schema>, name = '', depth = 0): unknown {
  if (!schema || depth > DEEPEST) return null;
  if (schema.$ref) return exampleOf(schemas[nameOf(schema.$ref)], schemas, name, depth + 1);
  const choices = schema.oneOf ?? schema.anyOf;
  if (choices) return exampleOf(choices.find((one) => one.type !== 'null'), schemas, name, depth + 1); // prettier-ignore
  if (schema.enum) return schema.enum[0];
  const type = Array.isArray(schema.type) ? schema.type.find((one) => one !== 'null') : schema.type;
  if (type === 'object' || schema.allOf) {
    const [fields, required] = [fieldsOf(schema), requiredOf(schema)];
    // Where nothing has to be said, the first thing that can be is an example of it.
    const shown = Object.entries(fields).filter(
      ([key], index) => required.has(key) || (required.size === 0 && index === 0),
    );
    return Object.fromEntries(shown.map(([key, of]) => [key, exampleOf(of, schemas, key, depth + 1)]));
  }
  if (type === 'array') return [exampleOf(schema.items, schemas, name, depth + 1)];
  if (type === 'integer' || type === 'number') return Math.max(schema.minimum ?? 1, 1);
  if (type === 'boolean') return true;
  if (schema.format === 'date-time') return '2026-03-29T14:03:07.250Z';
  return BY_NAME[name] ?? (name || 'text');
}
