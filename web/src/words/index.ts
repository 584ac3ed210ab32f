// Every word on the screen, in one place. Another language is another object of the same shape.
import * as en from './en';

export const words = en;
