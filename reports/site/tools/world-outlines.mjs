// Make static/world.json, the outlines of the countries: TopoJSON of world-atlas, through GeoJSON,
// to paths on a plane whose areas are true (Equal Earth, Šavrič, Patterson and Jenny 2018).
import { createRequire } from 'node:module';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { feature } from 'topojson-client';

const require = createRequire(import.meta.url);
const iso = require('iso-3166-1');
const topology = JSON.parse(readFileSync(require.resolve('world-atlas/countries-110m.json')));

const WIDTH = 960;
const ANTARCTICA = 'ATA';
const RADIANS = Math.PI / 180;
const [A1, A2, A3, A4] = [1.340264, -0.081106, 0.000893, 0.003796];
const ROOT = Math.sqrt(3) / 2;

function project([longitude, latitude]) {
	const angle = Math.asin(ROOT * Math.sin(latitude * RADIANS));
	const second = angle ** 2;
	const sixth = second ** 3;
	const slope = A1 + 3 * A2 * second + sixth * (7 * A3 + 9 * A4 * second);
	return [
		(longitude * RADIANS * Math.cos(angle)) / (ROOT * slope),
		-angle * (A1 + A2 * second + sixth * (A3 + A4 * second))
	];
}

// Kosovo has no number in ISO 3166-1; the other areas without one belong to no survey.
const codeOf = ({ id, properties }) =>
	properties.name === 'Kosovo' ? 'XKX' : iso.whereNumeric(id ?? '')?.alpha3;

// A ring over the 180th meridian continues beyond it, so that nothing is drawn across the map.
function joined(ring) {
	let [before] = ring[0];
	return ring.map(([longitude, latitude]) => {
		before = longitude + 360 * Math.round((before - longitude) / 360);
		return [before, latitude];
	});
}

const ringsOf = ({ type, coordinates }) => (type === 'Polygon' ? coordinates : coordinates.flat());
const shapes = feature(topology, topology.objects.countries)
	.features.map((area) => ({ id: codeOf(area) ?? area.properties.name, rings: ringsOf(area.geometry) }))
	.filter(({ id }) => id !== ANTARCTICA)
	.map(({ id, rings }) => ({ id, rings: rings.map((ring) => joined(ring).map(project)) }));

const points = shapes.flatMap(({ rings }) => rings.flat());
const lowest = (axis) => points.reduce((found, point) => Math.min(found, point[axis]), Infinity);
const highest = (axis) => points.reduce((found, point) => Math.max(found, point[axis]), -Infinity);
const [left, top] = [lowest(0), lowest(1)];
const scale = WIDTH / (highest(0) - left);

const text = ([x, y]) => `${((x - left) * scale).toFixed(1)},${((y - top) * scale).toFixed(1)}`;
const areas = shapes.map(({ id, rings }) => ({
	id,
	path: rings.map((ring) => `M${ring.map(text).join('L')}Z`).join('')
}));

mkdirSync('static', { recursive: true });
const height = Math.ceil((highest(1) - top) * scale);
writeFileSync('static/world.json', JSON.stringify({ width: WIDTH, height, areas }));
