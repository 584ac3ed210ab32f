import { mount } from 'svelte';
import App from './App.svelte';
import { settings } from './state/settings.svelte';
import './style/tokens.css';
import './style/base.css';
import './style/print.css';

settings.show();
const target = document.getElementById('app');
if (target) mount(App, { target });
