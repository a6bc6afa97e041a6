#!/bin/sh
# Man pages and completions, made by the program itself: share.sh PROGRAM FOLDER
set -eu
program=$1
share=$2
sh "$(dirname "$0")/man.sh" "$program" "$share/man/man1"
mkdir -p "$share/bash-completion/completions" "$share/zsh/site-functions" "$share/fish/vendor_completions.d"
"$program" --generate-completion-script bash >"$share/bash-completion/completions/voxelith"
"$program" --generate-completion-script zsh >"$share/zsh/site-functions/_voxelith"
"$program" --generate-completion-script fish >"$share/fish/vendor_completions.d/voxelith.fish"
