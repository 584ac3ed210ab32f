// How the lines of several sensors are told apart: by dashes and a letter, so that no colour is needed.
import type { Inks } from './inks';

export interface Look {
  letter: string;
  dash: number[];
  ink: keyof Pick<Inks, 'text' | 'act' | 'soft'>;
  width: number;
}

export const LOOKS: Look[] = [
  { letter: 'A', dash: [], ink: 'text', width: 1.75 },
  { letter: 'B', dash: [9, 4], ink: 'act', width: 1.75 },
  { letter: 'C', dash: [2, 3], ink: 'text', width: 2 },
  { letter: 'D', dash: [12, 3, 2, 3], ink: 'act', width: 1.75 },
  { letter: 'E', dash: [], ink: 'soft', width: 3.5 },
  { letter: 'F', dash: [18, 6], ink: 'text', width: 1.5 },
  { letter: 'G', dash: [3, 6], ink: 'act', width: 2.5 },
  { letter: 'H', dash: [8, 3, 2, 3, 2, 3], ink: 'text', width: 1.5 },
];

export const SENSORS_IN_CHART = LOOKS.length;
