export { common } from './common';
export { emergency } from './emergency';
export { shell } from './shell';
