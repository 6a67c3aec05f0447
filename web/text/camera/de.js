// SPDX-License-Identifier: MIT
// Of cameras.

/** @type {Record<string, string>} */
export const de = {
	'camera.all': 'Kameras',
	'camera.of': 'Kamera von {name}',
	'camera.opening': 'Das Bild ist unterwegs …',
	'camera.none': 'Dieser Drucker hat keine Kamera.',
	'camera.upload': 'Gerade wird eine Datei an den Drucker gesendet. Danach kommt das Bild von selbst wieder.',
	'camera.held': 'Ein anderes Programm hat die einzige Sitzung, die dieser Drucker vergibt: etwa die App des Herstellers. Bitte dort schließen; es wird weiter versucht.',
	'camera.away': 'Der Drucker antwortet im lokalen Netz nicht. Es wird weiter versucht.',
	'camera.dark': 'Die Kamera sendet kein Bild: Vielleicht ist sie am Drucker ausgeschaltet. Es wird weiter versucht.',
	'camera.broken': 'Das Bild ist weg. Es wird weiter versucht.',
	'camera.age': 'Dieses Bild ist {age} alt.',
	'camera.light': 'Licht',
	'camera.small': 'Kleine Bilder',
	'camera.still': 'Standbilder',
	'camera.play': 'Bewegte Bilder',
	'camera.full': 'Vollbild',
	'camera.full_end': 'Vollbild beenden',
	'camera.nobody': 'Kein Drucker hier hat eine Kamera.',
	'camera.without': 'Ohne Kamera:',
	'command.camera_quality': 'Größe der Bilder',
	'command.camera_light': 'Licht der Kamera',
};
