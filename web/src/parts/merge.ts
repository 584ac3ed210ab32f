// Two people have changed the same thing: what becomes of a form when somebody else was faster.

type Field<F> = keyof F & string;

/** Fields that mean something together only: whoever has changed one of them means all of them. */
export type Together<F> = readonly (readonly Field<F>[])[];

export interface Merged<F> {
  /** What somebody has changed stays theirs; all else is as it is now. */
  form: F;
  /** The fields that are another's now. */
  taken: Field<F>[];
  /** The fields that both have changed, each in another way. */
  both: Field<F>[];
}

/** What is chosen is the same in whichever order it was chosen. */
export function isSame(a: unknown, b: unknown): boolean {
  const plain = (value: unknown) => JSON.stringify(Array.isArray(value) ? [...value].sort() : value);
  return plain(a) === plain(b);
}

export const fieldsOf = <F extends object>(form: F) => Object.keys(form) as Field<F>[];

/** Only what was changed. */
export function changesOf<F extends object>(begun: F, mine: F): Partial<F> {
  const changed = fieldsOf(mine).filter((field) => !isSame(begun[field], mine[field]));
  return Object.fromEntries(changed.map((field) => [field, mine[field]])) as Partial<F>;
}

/** A field with those that belong to it. */
export function unitOf<F>(field: Field<F>, together: Together<F>): readonly Field<F>[] {
  return together.find((unit) => unit.includes(field)) ?? [field];
}

/** Joins what somebody has made of `begun` with what it has become meanwhile. */
export function merged<F extends object>(begun: F, mine: F, now: F, together: Together<F> = []): Merged<F> {
  const form = { ...mine };
  const result: Merged<F> = { form, taken: [], both: [] };
  for (const field of fieldsOf(mine)) {
    const unit = unitOf(field, together);
    const [isMine, isTheirs] = [mine, now].map((one) => unit.some((part) => !isSame(begun[part], one[part])));
    if (!isTheirs || isSame(mine[field], now[field])) continue;
    if (isMine) {
      result.both.push(field);
    } else {
      form[field] = now[field];
      result.taken.push(field);
    }
  }
  return result;
}
