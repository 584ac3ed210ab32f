// What people say about a node, read from the building file as the server writes it: the list of nodes does not tell all of it.

export interface Described {
  switch: string;
  port: string;
  late_s: number | null;
  trouble_s: number | null;
  /** The limits that hold where a node has none of its own. */
  site: { late_s: number | null; trouble_s: number | null };
  /** All switches there are. */
  switches: string[];
}

type Section = Record<string, unknown>;

/** What a building file says of an address. */
export function described(file: string, address: string): Described {
  const found = sections(file);
  const named = (head: string) => found.filter((one) => one.head === head).map(({ said }) => said);
  const site = named('[site]')[0] ?? {};
  const node = named('[[node]]').find((said) => said.address === address) ?? {};
  return {
    switch: text(node.switch),
    port: text(node.port),
    late_s: seconds(node.late_s),
    trouble_s: seconds(node.trouble_s),
    site: { late_s: seconds(site.late_s), trouble_s: seconds(site.trouble_s) },
    switches: named('[[switch]]').map((said) => text(said.name)),
  };
}

function sections(file: string): { head: string; said: Section }[] {
  const found: { head: string; said: Section }[] = [];
  for (const line of file.split('\n')) {
    if (line.startsWith('[')) found.push({ head: line.trim(), said: {} });
    const [, key, value] = /^(\w+) = (.*)$/.exec(line) ?? [];
    const last = found.at(-1);
    if (key && value !== undefined && last) last.said[key] = read(value);
  }
  return found;
}

/** The server writes texts and numbers as JSON would. */
function read(value: string): unknown {
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return undefined;
  }
}

const text = (value: unknown) => (typeof value === 'string' ? value : '');
const seconds = (value: unknown) => (typeof value === 'number' ? value : null);
