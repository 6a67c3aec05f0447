// SPDX-License-Identifier: MIT
// Of films of jobs.

/** @type {Record<string, string>} */
export const fr = {
	'timelapse.none': 'Il n’y a pas encore de film. Une fois la prise de vue activée, chaque impression en devient un.',
	'timelapse.printer': 'Imprimante',
	'timelapse.all_printers': 'Toutes les imprimantes',
	'timelapse.mode': 'Films des impressions',
	'timelapse.mode_off': 'Désactivé',
	'timelapse.mode_layer': 'Une image par couche',
	'timelapse.mode_interval': 'Une image toutes les {seconds} s',
	'timelapse.light': 'Avec lumière',
	'timelapse.full': 'Le disque de la passerelle est plein : rien n’est enregistré.',
	'timelapse.no_file': '(sans nom)',
	'timelapse.frames_one': '{number} image',
	'timelapse.frames_other': '{number} images',
	'timelapse.recording': 'En cours d’enregistrement',
	'timelapse.later': 'Le film sera là une fois l’impression terminée. Voici sa dernière image.',
	'timelapse.of': 'Accéléré de {file}',
	'timelapse.save': 'Enregistrer',
	'timelapse.delete': 'Supprimer',
	'timelapse.sure': 'Supprimer définitivement',
};
