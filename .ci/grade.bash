# For the checks that try the graders with solutions, wrong ones and right ones; they source this
# file.
#
# A solution is a file PROGRAM/NAME.rs: a whole `src/main.rs`, for a program or for an example
# that is an exercise of its own. All are built in one place, one after another.
# shellcheck shell=bash

# shellcheck source-path=SCRIPTDIR source=copies.bash
source "$(dirname "${BASH_SOURCE[0]}")/copies.bash"

# The program whose crate and tests an exercise has.
program_of() { # EXERCISE
    case $1 in
    scoped_threads) echo threaded-downloader ;;
    spawned_tasks) echo async-downloader ;;
    threads | processes) echo parallel-cpu ;;
    *) echo "$1" ;;
    esac
}

# Puts a solution into a fresh crate and runs the tests; their output is in `output`.
grade() { # FILE
    local exercise program
    exercise=$(basename "$(dirname "$1")")
    program=$(program_of "$exercise")
    if [ "$program" != "${prepared:-}" ] || [ "$exercise" = processes ]; then
        copy_out "$program"
        # As a student has it: without the solutions, and the tests of those.
        rm -r "$program"/{examples,tests/variations.rs}
        if [ "$exercise" = processes ]; then
            sed -i.old 's/processes: false/processes: true/' "$program/tests/lesson.rs"
        fi
        prepared=$program
        [ "$exercise" != processes ] || prepared=
    fi
    cp "$1" "$program/src/main.rs"
    # Two that were written in the same second would look alike to cargo.
    touch "$program/src/main.rs"
    output=$(cargo test --manifest-path "$program/Cargo.toml" --test lesson 2>&1)
}

# Prints how long the grader took.
seconds() {
    sed -n 's/^test result: .* finished in //p' <<<"$output"
}

# Prints the first check that failed and its message, in one line.
first_failure() {
    awk '
        /^---- .* ----$/ { if (name) exit; name = $2; next }
        /^--- standard / { if (name) exit }
        /^failures:$/    { if (name) exit }
        name             { text = text " " $0 }
        END              { if (name) print name ":" text }
    ' <<<"$output"
}

# Prints the files that the arguments name: a folder, PROGRAM/NAME, or all of them.
chosen() { # FOLDER [NAME...]
    local folder=$1 name
    shift
    if [ "$#" -eq 0 ]; then
        printf '%s\n' "$folder"/*/*.rs
        return
    fi
    for name in "$@"; do
        if [ -d "$folder/$name" ]; then
            printf '%s\n' "$folder/$name"/*.rs
        else
            printf '%s\n' "$folder/${name%.rs}.rs"
        fi
    done
}
