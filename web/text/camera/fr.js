// SPDX-License-Identifier: MIT
// Of cameras.

/** @type {Record<string, string>} */
export const fr = {
	'camera.all': 'Caméras',
	'camera.of': 'Caméra de {name}',
	'camera.opening': 'L’image arrive …',
	'camera.none': 'Cette imprimante n’a pas de caméra.',
	'camera.upload': 'Un fichier est en cours d’envoi à l’imprimante. L’image revient ensuite d’elle-même.',
	'camera.held': 'Un autre programme occupe la seule session que donne cette imprimante : l’application du fabricant, par exemple. Fermez-la ; une nouvelle tentative a lieu entre-temps.',
	'camera.away': 'L’imprimante ne répond pas sur le réseau local. Nouvelle tentative en cours.',
	'camera.dark': 'La caméra n’envoie pas d’image : elle est peut-être désactivée sur l’imprimante. Nouvelle tentative en cours.',
	'camera.broken': 'L’image a été perdue. Nouvelle tentative en cours.',
	'camera.age': 'Cette image date de {age}.',
	'camera.light': 'Lumière',
	'camera.small': 'Petites images',
	'camera.still': 'Images fixes',
	'camera.play': 'Images animées',
	'camera.full': 'Plein écran',
	'camera.full_end': 'Quitter le plein écran',
	'camera.nobody': 'Aucune imprimante n’a de caméra ici.',
	'camera.without': 'Sans caméra :',
	'command.camera_quality': 'Taille des images',
	'command.camera_light': 'Lumière de la caméra',
};
