// The thread's entry when the product runs from source (development, demo, tests): a thread inherits no loader, so it
// registers the one for TypeScript itself. A build starts worker.js directly.
import { register } from 'tsx/esm/api';

register();
export const { ask, scan } = await import('./worker.ts');
