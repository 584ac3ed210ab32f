// Where nodes are to be pointed at, in words that hold for whoever looks at this page.
import type { Health } from '../../api/types';

/** Who reaches an address as it is told: everybody who reaches this page, or only programs on the server's machine. */
export type Reach = 'as-this-page' | 'by-its-own-address' | 'this-machine';

export interface Way {
  /** Host and port. */
  address: string;
  port: string;
  reach: Reach;
  /** By datagrams, where the others are connections. */
  isUdp: boolean;
}

const EVERY_ADDRESS = ['0.0.0.0', '[::]'];
const LOOPBACK = /^(127\.|\[::1\]$|\[::ffff:127\.|localhost$)/i;

/** The ways in, each once, for a page at `host` (of IPv6 in brackets, as `location.hostname` has it). */
export function waysIn({ listen, udp }: Pick<Health, 'listen' | 'udp'>, host: string): Way[] {
  const tcp = listen.map((bound) => wayIn(bound, host, false));
  const known = new Set(tcp.map(({ address }) => address));
  const datagrams = udp.map((bound) => wayIn(bound, host, true)).filter(({ address }) => !known.has(address));
  const all = [...tcp, ...datagrams];
  return all.filter((way, at) => all.findIndex(({ address }) => address === way.address) === at);
}

function wayIn(bound: string, host: string, isUdp: boolean): Way {
  const colon = bound.lastIndexOf(':');
  const [at, port] = [bound.slice(0, colon), bound.slice(colon + 1)];
  if (!EVERY_ADDRESS.includes(at)) {
    return { address: bound, port, reach: LOOPBACK.test(at) ? 'this-machine' : 'as-this-page', isUdp };
  }
  // Bound to every address: that by which the page was reached is one of them.
  const reach = LOOPBACK.test(host) ? 'by-its-own-address' : 'as-this-page';
  return { address: `${host}:${port}`, port, reach, isUdp };
}

/** The target of `poe simulate` that needs no saying. */
const USUAL_TARGET = '127.0.0.1:1234';

/** What makes a few nodes that are simulated. They connect, so that there is none where all is sent by datagrams. */
export function simulation(ways: Way[]): string | undefined {
  const first = ways.find(({ isUdp }) => !isUdp);
  if (!first) return undefined;
  const target = first.reach === 'by-its-own-address' ? `127.0.0.1:${first.port}` : first.address;
  return `poe simulate -c 3${target === USUAL_TARGET ? '' : ` --connect ${target}`}`;
}
