#compdef bellwire
# zsh completion for bellwire: the program knows what may come next.

_bellwire() {
    local program=${(Q)words[1]} line value about ask=
    local -a values shown open openshown
    program=${program/#\~\//$HOME/}
    for line in "${(@f)$("$program" complete -- "${(@Q)words[2,CURRENT]}" 2>/dev/null)}"; do
        value=${line%%$'\t'*}
        about=${line#*$'\t'}
        [[ -n $about && $about != $line ]] && about="$value  -- $about" || about=$value
        case $value in
        '') ;;
        :files) ask=files ;;
        :folders) ask=folders ;;
        *=) open+=("$value"); openshown+=("$about") ;;
        *) values+=("$value"); shown+=("$about") ;;
        esac
    done
    if [[ -n $ask ]]; then
        compset -P '--[^=]#=' || compset -P '--*='
        if [[ $ask == files ]]; then _files; else _files -/; fi
        return
    fi
    local ret=1
    (( $#values )) && compadd -l -d shown -a -- values && ret=0
    (( $#open )) && compadd -l -S '' -d openshown -a -- open && ret=0
    return ret
}

if [[ $funcstack[1] == _bellwire ]]; then
    _bellwire "$@"
else
    compdef _bellwire bellwire
fi
