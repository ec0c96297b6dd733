# bash completion for bellwire: the program knows what may come next.

_bellwire() {
    local -a words
    local rest=$COMP_LINE before word value about i n=0
    COMPREPLY=()
    # bash splits words at = and : too (COMP_WORDBREAKS). The program gets them
    # as they stand on the line.
    for ((i = 0; i <= COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        if [[ -z $word ]]; then
            before=$rest
        else
            before=${rest%%"$word"*}
        fi
        rest=${rest:${#before}+${#word}}
        if ((i == 0)); then
            continue
        elif ((n == 0)) || [[ -n $before ]]; then
            words[n]=$word
            n=$((n + 1))
        else
            words[n - 1]+=$word
        fi
    done
    # What bash replaces is what stands behind the last = or :.
    word=${COMP_WORDS[COMP_CWORD]}
    [[ $word == [=:]* ]] && word=
    before=${words[n - 1]}
    before=${before%"$word"}
    while IFS=$'\t' read -r value about; do
        case $value in
        :files) compopt -o default 2>/dev/null ;;
        :folders) compopt -o dirnames 2>/dev/null ;;
        *)
            [[ $value == *= ]] && compopt -o nospace 2>/dev/null
            COMPREPLY+=("${value#"$before"}")
            ;;
        esac
    done < <("${1/#\~\//$HOME/}" complete -- "${words[@]}" 2>/dev/null)
}

complete -F _bellwire bellwire
