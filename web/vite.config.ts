import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vitest/config';

// In development the pages talk to a server on 8080, or to the generated data of `npm run mock` (TIANQU_API names another address).
const api = process.env.TIANQU_API ?? 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [vue()],
  base: '/',
  resolve: { alias: { '@': new URL('./src', import.meta.url).pathname } },
  define: { __VUE_OPTIONS_API__: false, __VUE_PROD_DEVTOOLS__: false, __INTLIFY_JIT_COMPILATION__: true, __INTLIFY_PROD_DEVTOOLS__: false },
  build: { target: 'es2022', assetsInlineLimit: 2048, chunkSizeWarningLimit: 1200, reportCompressedSize: true },
  worker: { format: 'es' },
  server: { proxy: { '/api': { target: api, changeOrigin: false } } },
  test: { environment: 'node', include: ['tests/**/*.test.ts'] },
});
