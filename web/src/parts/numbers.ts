// Counts, sizes and short spans, as people read them.

const LANGUAGE = document.documentElement.lang || 'en';
const COUNT = new Intl.NumberFormat(LANGUAGE);
const THREE = new Intl.NumberFormat(LANGUAGE, { maximumSignificantDigits: 3 });
const SIZES = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

export const count = (value: number) => COUNT.format(value);

/** A number of bytes: `12.5 MiB`. */
export function bytes(value: number): string {
  if (value < 1_024) return `${COUNT.format(value)} B`;
  const step = Math.min(Math.floor(Math.log2(value) / 10), SIZES.length - 1);
  return `${THREE.format(value / 1024 ** step)} ${SIZES[step]}`;
}

/** How long something quick took: `0.42 ms`, `1.2 s`. */
export function quick(ms: number): string {
  return ms < 1_000 ? `${THREE.format(ms)} ms` : `${THREE.format(ms / 1_000)} s`;
}
