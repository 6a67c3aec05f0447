// SPDX-License-Identifier: MIT
// Of the page's own modules: tests/page/test_sources.py runs it.

import js from '@eslint/js';

const BROWSER = `addEventListener atob btoa Blob cancelAnimationFrame clearInterval clearTimeout console crypto CSS customElements
	document DOMParser Element Event fetch File FileReader FormData getComputedStyle Headers history HTMLAnchorElement HTMLElement innerHeight innerWidth
	Intl IntersectionObserver KeyboardEvent localStorage location matchMedia MutationObserver navigator Notification outerHeight outerWidth performance PointerEvent
	queueMicrotask removeEventListener requestAnimationFrame ResizeObserver Response scrollTo setInterval setTimeout structuredClone TextDecoder
	TextEncoder URL URLSearchParams WebSocket window Worker devicePixelRatio self AbortController ImageData Image WebGL2RenderingContext
	DecompressionStream MessageChannel XMLHttpRequest`;

export default [
	{ ignores: ['vendor/**'] },
	js.configs.recommended,
	{
		languageOptions: {
			ecmaVersion: 2024,
			sourceType: 'module',
			globals: Object.fromEntries(BROWSER.split(/\s+/).map((name) => [name, 'readonly'])),
		},
		rules: {
			'array-callback-return': 'error',
			'consistent-return': 'off',
			curly: 'error',
			eqeqeq: 'error',
			'max-lines': ['error', 600],
			'max-lines-per-function': ['error', { max: 80, skipComments: true }],
			'no-alert': 'error',
			'no-console': 'error',
			'no-constructor-return': 'error',
			'no-eval': 'error',
			'no-implied-eval': 'error',
			'no-param-reassign': 'error',
			'no-restricted-properties': ['error', ...['innerHTML', 'outerHTML', 'insertAdjacentHTML', 'dangerouslySetInnerHTML'].map((property) => ({ property, message: 'Text from elsewhere is only ever a text node.' }))],
			'no-restricted-syntax': ['error', { selector: 'ExportAllDeclaration', message: 'tools/pack_page.py wants names.' }],
			'no-self-compare': 'error',
			'no-shadow': 'error',
			'no-unused-vars': ['error', { varsIgnorePattern: '^_', argsIgnorePattern: '^_' }],
			'no-var': 'error',
			'object-shorthand': 'error',
			'prefer-const': 'error',
			'prefer-template': 'error',
		},
	},
	// Tables of texts are functions that are called when their language is wanted.
	{ files: ['text/*.js'], rules: { 'max-lines-per-function': 'off' } },
];
