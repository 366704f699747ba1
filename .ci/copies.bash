# For the checks that try programs outside of the workspace; they source this file.
#
# Makes an empty folder, with `shared` in it, that is gone when the check ends, and goes there:
# cargo looks for its settings from where it is called, and must find none of the workspace's.
# shellcheck shell=bash

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cp -R "$root/shared" "$folder"
cd "$folder" || exit

# One place for whatever is built, so that what the programs have in common is built once.
# It is neither debugged nor built again after a change, so it need not be prepared for that.
export CARGO_TARGET_DIR=${COPIES_TARGET:-$folder/target}
export CARGO_PROFILE_DEV_DEBUG=0 CARGO_INCREMENTAL=0

# A warning in a fresh copy would puzzle a student.
export RUSTFLAGS="-D warnings"

# Puts a fresh copy of a program beside `shared`.
copy_out() { # PROGRAM
    rm -rf "${folder:?}/$1"
    cp -R "$root/$1" "$folder"
}
