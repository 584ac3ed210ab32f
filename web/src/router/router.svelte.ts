// Where somebody is: `#/alarms?class=trouble`. After the hash, so that the server needs to know nothing of pages, and a link to any
// state of any page can be sent to a colleague.

export type Query = Record<string, string | number | boolean | null | undefined>;

class Router {
  /** The parts of the path: `['sensors', '10.0.0.1_3']`. */
  path: string[] = $state.raw([]);
  query: URLSearchParams = $state.raw(new URLSearchParams());

  /** The address that is shown. */
  #shown = location.hash;
  #ask: (() => Promise<boolean>) | undefined;

  constructor() {
    this.#read();
    window.addEventListener('hashchange', () => void this.#change());
  }

  /** Has somebody asked before what is shown is left, until the function that is given back is called: there is unsaved work. */
  askBeforeLeaving(ask: () => Promise<boolean>): () => void {
    this.#ask = ask;
    return () => {
      if (this.#ask === ask) this.#ask = undefined;
    };
  }

  async #change(): Promise<void> {
    const wanted = location.hash;
    if (!this.#ask || wanted === this.#shown) {
      this.#read();
      return;
    }
    history.pushState(null, '', this.#shown);
    if (!(await this.#ask())) return;
    this.#ask = undefined;
    location.hash = wanted;
  }

  #read(): void {
    this.#shown = location.hash;
    const [path = '', query = ''] = location.hash.replace(/^#\/?/, '').split('?', 2);
    this.path = path.split('/').filter(Boolean).map(decode);
    this.query = new URLSearchParams(query);
  }

  go(path: string[], query: Query = {}): void {
    location.hash = href(path, query).slice(1);
  }

  /** Changes some of the query, without a step of its own in the browser's history: for filters, ranges and what is open. */
  set(change: Query): void {
    const query = Object.fromEntries(this.query);
    history.replaceState(null, '', href(this.path, { ...query, ...change }));
    this.#read();
  }
}

/** A part of a path that somebody has typed may be no good. */
function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** The address of a page, for links. */
export function href(path: string[], query: Query = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== '' && value !== false) search.set(name, String(value));
  }
  const where = `#/${path.map(encodeURIComponent).join('/')}`;
  return search.size > 0 ? `${where}?${search}` : where;
}

export const router = new Router();
