// The database in the page, in place of Evidence's own module of this name. A table is fetched
// whole when a query first names it, so that a page waits for its own tables only.
import { AsyncDuckDB, VoidLogger } from '@duckdb/duckdb-wasm';
import wasm from '@duckdb/duckdb-wasm/dist/duckdb-eh.wasm?url';
import Worker from '@duckdb/duckdb-wasm/dist/duckdb-browser-eh.worker.js?worker';
import { arrowTableToJSON } from './both.js';

export { tableFromIPC } from 'apache-arrow';
export { arrowTableToJSON };

const PATIENCE = 20_000;
let opened;
let known;
const named = new Promise((resolve, reject) => {
	known = resolve;
	setTimeout(() => reject(new Error('data/manifest.json could not be read')), PATIENCE);
});
const fetched = new Map();

async function open() {
	const db = new AsyncDuckDB(new VoidLogger(), new Worker());
	await db.instantiate(wasm);
	await db.open({
		query: {
			castBigIntToDouble: true,
			castTimestampToDate: true,
			castDecimalToDouble: true,
			castDurationToTime64: true
		}
	});
	return { db, connection: await db.connect() };
}

function engine() {
	opened ??= open();
	return opened;
}

export async function initDB() {
	await engine();
}

export async function updateSearchPath() {} // queries name their schemas

export async function emptyDbFs() {}

// `urls` has the addresses of the Parquet files by schema, as in data/manifest.json.
export async function setParquetURLs(urls, { addBasePath = (path) => path } = {}) {
	const tables = new Map();
	for (const [schema, files] of Object.entries(urls)) {
		for (const file of files) {
			const name = file.split('/').at(-1).slice(0, -'.parquet'.length);
			tables.set(`${schema}.${name}`, addBasePath(file.replace(/^static/, '')));
		}
	}
	known(tables);
}

async function load(table, url) {
	const [{ db, connection }, answer] = await Promise.all([engine(), fetch(url)]);
	// A newer publication has removed the files that the list names.
	if (!answer.ok) throw new Error(`HTTP ${answer.status} for ${table}: load this page again`);
	const [schema, name] = table.split('.');
	await db.registerFileBuffer(`${table}.parquet`, new Uint8Array(await answer.arrayBuffer()));
	await connection.query(`create schema if not exists "${schema}"`);
	await connection.query(
		`create view "${schema}"."${name}" as select * from read_parquet('${table}.parquet')`
	);
}

async function loadTablesOf(sql) {
	const tables = await named;
	const wanted = new Set(sql.match(/\b[a-z_]+\.[a-z_0-9]+\b/g));
	await Promise.all(
		[...wanted].filter((table) => tables.has(table)).map((table) => {
			if (!fetched.has(table)) fetched.set(table, load(table, tables.get(table)));
			return fetched.get(table);
		})
	);
}

export async function query(sql) {
	const [{ connection }] = await Promise.all([engine(), loadTablesOf(sql)]);
	return arrowTableToJSON(await connection.query(sql));
}
