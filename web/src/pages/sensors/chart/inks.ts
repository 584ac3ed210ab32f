// The colours of the tokens, as a canvas needs them: it knows nothing of style sheets.

export interface Inks {
  text: string;
  soft: string;
  line: string;
  act: string;
  surface: string;
  /** Between the lowest and the highest value of a step. */
  spread: string;
  warning: string;
  critical: string;
  warningInk: string;
  criticalInk: string;
  troubleInk: string;
  font: string;
}

/** Reads them where the chart is. On paper they are those of daylight. */
export function inksOf(place: HTMLElement, isPaper = false): Inks {
  const probe = document.createElement('span');
  place.append(probe);
  if (isPaper) probe.style.colorScheme = 'light';
  const read = (colour: string) => {
    probe.style.color = colour;
    return getComputedStyle(probe).color;
  };
  const inks = {
    text: read('var(--text)'),
    soft: read('var(--text-soft)'),
    line: read('var(--line)'),
    act: read('var(--act)'),
    surface: read('var(--surface)'),
    spread: read('color-mix(in srgb, var(--text) 22%, transparent)'),
    warning: read('var(--band-warning)'),
    critical: read('var(--band-critical)'),
    warningInk: read('var(--supervisory-ink)'),
    criticalInk: read('var(--alarm-ink)'),
    troubleInk: read('var(--trouble-ink)'),
    font: `12px ${getComputedStyle(probe).fontFamily}`,
  };
  probe.remove();
  return inks;
}
