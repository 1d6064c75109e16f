"""Completion in bash: words that hold a colon or an equals sign, at which bash cuts them.

Law: the line is read as the user typed it, and what is answered takes the place of what bash will replace: nothing
before the last colon where bash cuts there. A provider's name is no whole word: no blank follows its colon.
"""

from __future__ import annotations

import os

from click.shell_completion import BashComplete, split_arg_string

SOURCE = """\
%(complete_func)s() {
    local IFS=$'\\n'
    local line="${COMP_LINE:0:COMP_POINT}" completion type value
    local typed="${line##*[[:space:]]}" option=""
    if [[ $typed == --*=* ]]; then
        [[ $COMP_WORDBREAKS == *=* ]] || option="${typed%%%%=*}="
        typed="${typed#*=}"
    fi
    local before=""
    [[ $COMP_WORDBREAKS == *:* ]] && before="${typed%%"${typed##*:}"}"
    COMPREPLY=()
    for completion in $(env COMP_LINE="$line" %(complete_var)s=bash_complete "$1"); do
        IFS=',' read -r type value <<< "$completion"
        case $type in
            dir) compopt -o dirnames ;;
            file) compopt -o default ;;
            plain)
                [[ $value == *: ]] && compopt -o nospace
                COMPREPLY+=("$option${value#"$before"}") ;;
        esac
    done
    return 0
}

complete -o nosort -F %(complete_func)s %(prog_name)s
"""


class Bash(BashComplete):
    """Completes in bash."""

    source_template = SOURCE

    def get_completion_args(self) -> tuple[list[str], str]:
        """Return the words before the one that is typed, and that one."""
        line = os.environ.get("COMP_LINE")
        if not line:  # a shell that holds the script of an earlier version
            return super().get_completion_args()
        words = split_arg_string(line)
        incomplete = words.pop() if words and not line[-1].isspace() else ""
        if incomplete.startswith("--") and "=" in incomplete:  # as two words, which the first word of all decides about
            option, _, incomplete = incomplete.partition("=")
            words.append(option)
        return words[1:], incomplete
