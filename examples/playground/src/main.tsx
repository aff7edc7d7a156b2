import { render } from 'preact';
import { App } from './App.tsx';
import './style.css';

const root = document.getElementById('app')!;
root.replaceChildren();
render(<App />, root);
// Works without a network from the second visit on.
if (import.meta.env.PROD && 'serviceWorker' in navigator) void navigator.serviceWorker.register('./sw.js');
