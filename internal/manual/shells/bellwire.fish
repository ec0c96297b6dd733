# fish completion for bellwire: the program knows what may come next.

function __bellwire_complete
    set -l words (commandline -opc)
    set -l program $words[1]
    set -e words[1]
    set -l word (commandline -ct)
    for line in (command $program complete -- $words "$word" 2>/dev/null)
        switch $line
            case ':files*'
                set -l option (string match -r -- '^--[^=]*=' "$word")
                for path in (__fish_complete_path (string replace -r -- '^--[^=]*=' '' "$word"))
                    printf '%s%s\n' "$option" $path
                end
            case ':folders*'
                set -l option (string match -r -- '^--[^=]*=' "$word")
                for path in (__fish_complete_directories (string replace -r -- '^--[^=]*=' '' "$word") '')
                    printf '%s%s\n' "$option" $path
                end
            case '*'
                printf '%s\n' $line
        end
    end
end

complete -c bellwire -f -a '(__bellwire_complete)'
