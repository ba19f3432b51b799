import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** Where `vite` sends API calls in development: a Kubetally server on its default port. */
const DEV_SERVER = 'http://127.0.0.1:8080';

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    assetsInlineLimit: 0, // the server's content security policy knows no data: scripts or styles
    modulePreload: { polyfill: false },
    target: 'es2023',
    cssTarget: ['chrome123', 'firefox121', 'safari17.5'], // the first with light-dark()
    chunkSizeWarningLimit: 700,
  },
  server: { host: '127.0.0.1', proxy: { '/v1': DEV_SERVER } },
});
