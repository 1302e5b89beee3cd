// Lays the description of the API beside the page that links to it.
import { copyFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const path = (name) => fileURLToPath(new URL(name, import.meta.url));
copyFileSync(path('../../docs/openapi.yaml'), path('../dist/docs/openapi.yaml'));
