# fish completion for flagship. Commands and options come from the program itself, so that they are
# those of the installed version.

function __flagship_commands
    flagship help --complete 2>/dev/null </dev/null | while read -l -d \t kind name summary
        printf '%s\t%s\n' $name $summary
    end
end

function __flagship_command
    set -l words (commandline -opc)
    test (count $words) -ge 2; and echo $words[2]
end

function __flagship_options
    set -l command (__flagship_command)
    flagship help --complete $command 2>/dev/null </dev/null | while read -l line
        set -l fields (string split \t -- $line)
        printf '%s\t%s\n' $fields[2] $fields[5]
    end
end

# What the option before the cursor takes: its choices, or files. Returns 1 for a flag.
function __flagship_value
    set -l words (commandline -opc)
    set -l command (__flagship_command)
    flagship help --complete $command 2>/dev/null </dev/null | while read -l line
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
    __flagship_value; and return
    if string match -q -- '-*' (commandline -ct)
        __flagship_options
    else if contains -- (__flagship_command) decode import replay
        __fish_complete_path (commandline -ct)
    end
end

complete -c flagship -f -a '(__flagship_complete)'
