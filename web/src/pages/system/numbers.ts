// Numbers that people type.
import { Problem } from '../../api/problem';
import { words } from '../../words';

/** What was typed, as a number; nothing, where nothing was. Refuses what is none, at its field. */
export function numberOf(text: string, field: string): number | null {
  const trimmed = text.trim();
  if (trimmed === '') return null;
  const value = Number(trimmed);
  if (!Number.isFinite(value)) throw new Problem(0, words.system.noNumber(trimmed), field);
  return value;
}

/** The same, or `never`. */
export function spanOf(text: string, field: string): number | 'never' | null {
  return text.trim().toLowerCase() === 'never' ? 'never' : numberOf(text, field);
}

/** The lines that hold something. */
export const linesOf = (text: string) =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);

export const textOf = (value: number | string | null | undefined) => String(value ?? '');
