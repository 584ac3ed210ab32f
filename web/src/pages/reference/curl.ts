// A request that can be pasted into a terminal.
import type { Operation, Schema } from './contract';
import { exampleOf } from './types';

/** For a shell: nothing in it has a meaning. */
const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

const FILES: Record<string, string> = {
  'text/csv': 'readings.csv',
  'application/toml': 'building.toml',
  'image/svg+xml': 'plan.svg',
};

/** What has to be said of a body: JSON as an example, and anything else as a file. */
function bodyOf(operation: Operation, schemas: Record<string, Schema>): string[] {
  const content = operation.requestBody?.content;
  if (!content) return [];
  const json = content['application/json'];
  if (json) {
    const example = JSON.stringify(exampleOf(json.schema, schemas));
    return [`-H 'Content-Type: application/json'`, `-d ${quoted(example)}`];
  }
  const types = Object.keys(content);
  const type = types.find((one) => FILES[one]) ?? types[0] ?? 'application/octet-stream';
  return [`-H 'Content-Type: ${type}'`, `--data-binary @${FILES[type] ?? 'FILE'}`];
}

export function curlOf(operation: Operation, schemas: Record<string, Schema>, base: string): string {
  const path = operation.path.replace(/\{(\w+)\}/g, (_, name: string) => name.toUpperCase());
  const query = (operation.parameters ?? [])
    .filter((parameter) => parameter.in === 'query' && parameter.required)
    .map(({ name }) => `${name}=${name.toUpperCase()}`)
    .join('&');
  const parts = [
    operation.method === 'GET' ? 'curl -s' : `curl -s -X ${operation.method}`,
    ...(operation['x-role'] ? [`-H "Authorization: Bearer $TOKEN"`] : []),
    ...bodyOf(operation, schemas),
    quoted(`${base.replace(/\/$/, '')}${path}${query && `?${query}`}`),
  ];
  return parts.join(' \\\n     ');
}
