// What the server finds wrong with a building file, and where in it; and what differs between two of them.
import { difference, type Line } from './lines';

/** What differs. Remarks are the server's own, and tell the version: another one is no difference. */
export function changesIn(before: string, after: string): Line[] {
  return difference(before, after).filter(({ text }) => !text.startsWith('#'));
}

/** The line that an error is about: `building:4: …`. */
export function lineOf(error: string): number | undefined {
  const found = /^[^:\s]+:(\d+):/.exec(error);
  return found ? Number(found[1]) : undefined;
}

/** What it says about that line. */
export function messageOf(error: string): string {
  return error.replace(/^[^:\s]+:\d+:\s*/, '');
}

/** Where a line begins and ends in a text, counted from 1. */
export function rangeOf(text: string, line: number): [number, number] {
  const lines = text.split('\n');
  const start = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
  return [Math.min(start, text.length), Math.min(start + (lines[line - 1]?.length ?? 0), text.length)];
}
