# fish completion for flagship. Commands, options and printers come from the program itself, so that
# they are those of the installed version and of this machine.

function __flagship_commands
    flagship help --complete $argv 2>/dev/null </dev/null | while read -l -d \t kind name summary
        printf '%s\t%s\n' $name $summary
    end
end

function __flagship_command
    set -l words (commandline -opc)
    test (count $words) -ge 2; and echo $words[2]
end

# The table of options of the command on the line, or of the command of `flagship cloud`.
function __flagship_rows
    set -l words (commandline -opc)
    if test "$words[2]" = cloud
        flagship cloud $words[3] --complete 2>/dev/null </dev/null
    else
        flagship help --complete $words[2] 2>/dev/null </dev/null
    end
end

function __flagship_printers
    flagship help --printers 2>/dev/null </dev/null | while read -l line
        set -l fields (string split \t -- $line)
        if test -n "$fields[2]"
            printf '%s\t%s\n' $fields[2] $fields[1]
        else
            echo $fields[1]
        end
    end
    printf 'all\tevery printer\n'
end

function __flagship_options
    __flagship_rows | while read -l line
        set -l fields (string split \t -- $line)
        printf '%s\t%s\n' $fields[2] $fields[5]
    end
end

# What the option before the cursor takes: its choices, files or printers. Returns 1 for a flag.
function __flagship_value
    set -l words (commandline -opc)
    if contains -- "$words[-1]" -p --printer
        __flagship_printers
        return 0
    end
    __flagship_rows | while read -l line
        set -l fields (string split \t -- $line)
        if test "$fields[2]" = "$words[-1]"
            switch $fields[4]
                case flag
                    return 1
                case file
                    __fish_complete_path (commandline -ct)
                case choice
                    string split '|' -- $fields[3]
            end
            return 0
        end
    end
    return 1
end

function __flagship_complete
    set -l words (commandline -opc)
    if test (count $words) -eq 1; or test (count $words) -eq 2 -a "$words[2]" = help
        __flagship_commands
        return
    end
    if test (count $words) -eq 2 -a "$words[2]" = cloud
        __flagship_commands cloud
        return
    end
    __flagship_value; and return
    if string match -q -- '-*' (commandline -ct)
        __flagship_options
        return
    end
    switch (__flagship_command)
        case decode import replay
            __fish_complete_path (commandline -ct)
        case wait
            printf '%s\n' finished stopped paused printing idle error online offline temperature nozzle bed progress= layer=
        case temp
            printf '%s\n' nozzle bed off
        case home
            printf '%s\n' x y z all
        case light
            printf '%s\n' on off
    end
end

complete -c flagship -f -a '(__flagship_complete)'
