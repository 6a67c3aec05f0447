// SPDX-License-Identifier: MIT
// Of cameras.

/** @type {Record<string, string>} */
export const en = {
	'camera.all': 'Cameras',
	'camera.of': 'Camera of {name}',
	'camera.opening': 'The picture is on its way …',
	'camera.none': 'This printer has no camera.',
	'camera.upload': 'A file is being sent to the printer. The picture comes back by itself after that.',
	'camera.held': 'Another program has the only session that this printer gives: the vendor’s app, for instance. Close it there; it is tried again meanwhile.',
	'camera.away': 'The printer does not answer on the local network. It is tried again.',
	'camera.dark': 'The camera sends no picture: it may be switched off at the printer. It is tried again.',
	'camera.broken': 'The picture was lost. It is tried again.',
	'camera.age': 'This picture is {age} old.',
	'camera.light': 'Light',
	'camera.small': 'Small pictures',
	'camera.still': 'Still pictures',
	'camera.play': 'Moving pictures',
	'camera.full': 'Full screen',
	'camera.full_end': 'End full screen',
	'camera.nobody': 'No printer here has a camera.',
	'camera.without': 'Without a camera:',
	'command.camera_quality': 'Size of the pictures',
	'command.camera_light': 'Light of the camera',
};
