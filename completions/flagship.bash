# bash completion for flagship. Commands and options come from the program itself, so that they are
# those of the installed version.

_flagship_files() {
	compopt -o filenames 2>/dev/null
	mapfile -t COMPREPLY < <(compgen -f -- "$1")
}

_flagship_words() {
	mapfile -t COMPREPLY < <(compgen -W "$2" -- "$1")
}

# _flagship_value CURRENT PROGRAM COMMAND OPTION: what the option takes; returns 1 for a flag.
_flagship_value() {
	local line kind choices
	line=$("$2" help --complete "$3" 2>/dev/null | awk -F '\t' -v name="$4" '$2 == name { print $4 "\t" $3 }')
	kind=${line%%$'\t'*} choices=${line#*$'\t'}
	case "$kind" in
	file) _flagship_files "$1" ;;
	choice) _flagship_words "$1" "${choices//|/ }" ;;
	'' | flag) return 1 ;;
	esac
}

_flagship() {
	local program=$1 current=$2 previous=$3 command=${COMP_WORDS[1]} names
	COMPREPLY=()

	if [ "$COMP_CWORD" -eq 1 ] || { [ "$COMP_CWORD" -eq 2 ] && [ "$command" = help ]; }; then
		names=$("$program" help --complete 2>/dev/null | cut -f 2)
		_flagship_words "$current" "$names --help --version"
		return
	fi
	if [[ $previous == --* ]] && _flagship_value "$current" "$program" "$command" "$previous"; then
		return
	fi
	case "$command:$current" in
	*:-*) _flagship_words "$current" "$("$program" help --complete "$command" 2>/dev/null | cut -f 2)" ;;
	decode:* | import:* | replay:*) _flagship_files "$current" ;;
	types:*)
		names=$("$program" types --json 2>/dev/null | grep -oE '"name":"[a-z0-9_]+","vendor_name"' | cut -d '"' -f 4)
		_flagship_words "$current" "$names"
		;;
	esac
}

complete -F _flagship flagship
