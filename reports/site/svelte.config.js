import adapter from '@sveltejs/adapter-static';

export default {
	kit: {
		adapter: adapter({ fallback: 'index.html', strict: false }),
		// SvelteKit's own default is the clock: the same pages would give another shell.
		version: { name: process.env.SITE_VERSION ?? 'dev' }
	}
};
