import { vitePreprocess } from '@sveltejs/vite-plugin-svelte';

export default {
  preprocess: vitePreprocess({ script: true }),
  // All components are of the same mind about reactivity, and none brings styles that the content policy forbids.
  compilerOptions: { runes: true, css: 'external' },
};
