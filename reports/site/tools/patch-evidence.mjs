// Changes to Evidence's packages, made once they are installed. Each says what it changes and
// fails where the text that it changes is not there: a new version must be looked at.
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

const evidence = new URL('../node_modules/@evidence-dev/', import.meta.url);

function replace(file, old, by) {
	const path = new URL(file, evidence);
	const text = readFileSync(path, 'utf8');
	if (text.includes(by)) return;
	if (!text.includes(old)) throw new Error(`${file} has no ${JSON.stringify(old)} to replace`);
	writeFileSync(path, text.replaceAll(old, by));
}

// Version 1.28 of duckdb-wasm is the last with the Parquet reader compiled in: nothing is fetched
// from elsewhere. It does not know the settings that Evidence gives it; and pages need their own
// tables only, and every file server's, also one that knows no ranges.
copyFileSync(
	new URL('query-engine.js', import.meta.url),
	new URL('universal-sql/src/client-duckdb/browser.js', evidence)
);
replace(
	'universal-sql/src/client-duckdb/node.js',
	"await connection.query('SET ieee_floating_point_ops = false;');",
	'// no such setting'
);
replace(
	'universal-sql/src/client-duckdb/node.js',
	"await connection.query('SET old_implicit_casting = true;');",
	'// no such setting either'
);

// The service worker fixes ranges of Parquet files on Windows; no ranges are requested.
replace(
	'core-components/dist/organisms/layout/EvidenceDefaultLayout.svelte',
	"if (!('serviceWorker' in navigator)) return;",
	'return; // no service worker'
);

// Pages for the development server, which nobody has here.
for (const name of ['explore', 'settings', 'fix-tprotocol-service-worker.js'])
	rmSync(new URL(`evidence/template/src/pages/${name}`, evidence), { recursive: true, force: true });

// The CSV of a table is there for a keyboard and for a phone too, not only under a mouse.
replace(
	'core-components/dist/unsorted/viz/table/_DataTable.svelte',
	'display={hovering}',
	'display={true}'
);
replace(
	'core-components/dist/unsorted/ui/DownloadData.svelte',
	'@media (max-width: 600px)',
	'@media (max-width: 0)'
);
