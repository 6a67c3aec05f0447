# bash completion for flagship. Commands, options and printers come from the program itself, so that
# they are those of the installed version and of this machine.

_flagship_files() {
	compopt -o filenames 2>/dev/null
	mapfile -t COMPREPLY < <(compgen -f -- "$1")
}

_flagship_words() {
	mapfile -t COMPREPLY < <(compgen -W "$2" -- "$1")
}

# _flagship_rows PROGRAM COMMAND SUBCOMMAND: the table of its options, or of its commands.
_flagship_rows() {
	if [ "$2" = cloud ] && [ -n "$3" ]; then
		"$1" cloud "$3" --complete 2>/dev/null
	else
		"$1" help --complete "$2" 2>/dev/null
	fi
}

# _flagship_printers CURRENT PROGRAM: names, and serial numbers once one was begun.
_flagship_printers() {
	local serial name word list='' current=${1//\\/}
	current=${current#[\"\']}
	if [[ $current == *,* ]]; then
		list=${current%,*}, current=${current##*,}
	fi
	COMPREPLY=()
	while IFS=$'\t' read -r serial name; do
		for word in "$name" "$serial"; do
			if [[ -n $word && ${word,,} == "${current,,}"* && ($word == "$name" || -z $name || -n $current) ]]; then
				COMPREPLY+=("$(printf %q "$list$word")")
			fi
		done
	done < <("$2" help --printers 2>/dev/null)
	if [[ -z $list && all == "$current"* ]]; then
		COMPREPLY+=(all)
	fi
}

# _flagship_value CURRENT PROGRAM COMMAND SUBCOMMAND OPTION: what the option takes; returns 1 for a flag.
_flagship_value() {
	local line kind choices
	case "$5" in
	-p | --printer)
		_flagship_printers "$1" "$2"
		return
		;;
	esac
	line=$(_flagship_rows "$2" "$3" "$4" | awk -F '\t' -v name="$5" '$2 == name { print $4 "\t" $3 }')
	kind=${line%%$'\t'*} choices=${line#*$'\t'}
	case "$kind" in
	file) _flagship_files "$1" ;;
	choice) _flagship_words "$1" "${choices//|/ }" ;;
	'' | flag) return 1 ;;
	esac
}

_flagship() {
	local program=$1 current=$2 previous=$3 command=${COMP_WORDS[1]} sub='' names
	COMPREPLY=()

	if [ "$COMP_CWORD" -eq 1 ] || { [ "$COMP_CWORD" -eq 2 ] && [ "$command" = help ]; }; then
		names=$("$program" help --complete 2>/dev/null | cut -f 2)
		_flagship_words "$current" "$names --help --version"
		return
	fi
	if [ "$command" = cloud ]; then
		if [ "$COMP_CWORD" -eq 2 ]; then
			_flagship_words "$current" "$(_flagship_rows "$program" cloud '' | cut -f 2)"
			return
		fi
		sub=${COMP_WORDS[2]}
	fi
	if [[ $previous == -* ]] && _flagship_value "$current" "$program" "$command" "$sub" "$previous"; then
		return
	fi
	case "$command:$current" in
	*:-*) _flagship_words "$current" "$(_flagship_rows "$program" "$command" "$sub" | cut -f 2)" ;;
	decode:* | import:* | replay:*) _flagship_files "$current" ;;
	wait:*) _flagship_words "$current" 'finished stopped paused printing idle error online offline temperature nozzle bed progress= layer=' ;;
	temp:*) _flagship_words "$current" 'nozzle bed off' ;;
	home:*) _flagship_words "$current" 'x y z all' ;;
	light:*) _flagship_words "$current" 'on off' ;;
	types:* | send:* | query:*)
		names=$("$program" types --json 2>/dev/null | grep -oE '"name":"[a-z0-9_]+","vendor_name"' | cut -d '"' -f 4)
		_flagship_words "$current" "$names"
		;;
	esac
}

complete -F _flagship flagship
