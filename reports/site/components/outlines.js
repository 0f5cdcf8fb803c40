// Outlines and points on a flat picture: a degree of longitude is as short as in the middle.
const WIDTH = 1000;
const EDGE = 20;

const rings = (geometry) =>
	geometry.type === 'Polygon' ? geometry.coordinates : geometry.coordinates.flat();

// Positions: a function from degrees to the picture, and the picture's size.
function frame(places) {
	const [west, south, east, north] = places.reduce(
		([w, s, e, n], [x, y]) => [Math.min(w, x), Math.min(s, y), Math.max(e, x), Math.max(n, y)],
		[Infinity, Infinity, -Infinity, -Infinity]
	);
	const squeeze = Math.cos(((south + north) / 2) * (Math.PI / 180));
	const scale = WIDTH / Math.max((east - west) * squeeze, north - south, 0.01);
	const place = ([x, y]) => [(x - west) * squeeze * scale + EDGE, (north - y) * scale + EDGE];
	const [width, height] = place([east, south]);
	return { place, viewBox: `0 0 ${Math.round(width + EDGE)} ${Math.round(height + EDGE)}` };
}

// features: GeoJSON with an `id` among the properties; rows: with the columns `id` and `value`,
// `latitude` and `longitude`. `share` is the value in percent of the largest.
export function shapesOf(features, rows, { id, value }) {
	const byId = new Map(rows.map((row) => [String(row[id]), row]));
	const most = Math.max(0, ...rows.map((row) => row[value] ?? 0));
	const share = (row) => (row && most ? (100 * (row[value] ?? 0)) / most : 0);
	const placed = features.length
		? []
		: rows.filter((row) => row.latitude != null && row.longitude != null);
	const { place, viewBox } = frame([
		...features.flatMap((feature) => rings(feature.geometry).flat()),
		...placed.map((row) => [row.longitude, row.latitude])
	]);
	const path = (ring) => `M${ring.map((point) => place(point).map(Math.round)).join('L')}Z`;
	return {
		most,
		viewBox,
		areas: features.map((feature) => {
			const row = byId.get(feature.properties.id);
			return { row, share: share(row), path: rings(feature.geometry).map(path).join('') };
		}),
		points: placed.map((row) => {
			const [x, y] = place([row.longitude, row.latitude]);
			return { row, x, y, share: share(row), radius: 8 + 24 * Math.sqrt(share(row) / 100) };
		})
	};
}
