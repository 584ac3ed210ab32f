import { everyPageIn } from './harness/every-page';

everyPageIn('dark');
