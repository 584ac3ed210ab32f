// How measured spans stand to their limits.
import type { SignalLatency } from '../../api/types';

export type Verdict = 'unmeasured' | 'well' | 'beyondOurs' | 'beyondTrade';

export function verdictOf(worstMs: number | null, of: SignalLatency): Verdict {
  if (worstMs === null) return 'unmeasured';
  if (worstMs > of.limit_of_trade_ms) return 'beyondTrade';
  return worstMs > of.limit_of_ours_ms ? 'beyondOurs' : 'well';
}

/** From here to the limit of the trade it is four powers of ten and more; a bar that is not logarithmic shows nothing. */
const SHORTEST_MS = 0.1;

/** Where a span lies on a bar that ends at the longest, from 0 to 1. */
export function place(ms: number, longestMs: number): number {
  if (ms <= SHORTEST_MS) return 0;
  return Math.min(1, Math.log(ms / SHORTEST_MS) / Math.log(longestMs / SHORTEST_MS));
}
