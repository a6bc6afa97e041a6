#!/bin/sh
# Man pages of the program and of every command, made from their own help: man.sh PROGRAM FOLDER
set -eu
program=$1
folder=$2
mkdir -p "$folder"
version=$("$program" --version)

# The help without line breaks of its own.
help() { COLUMNS=10000 "$program" help "$@"; }
usage() { help "$@" | sed -n 's/^USAGE: //p'; }

page() {
  name=$1
  title=$2
  also=$3
  awk -v name="$name" -v usage="$title" -v version="$version" -v also="$also" '
    function plain(text) { gsub(/\\/, "\\e", text); gsub(/-/, "\\-", text); gsub(/µ/, "u", text); gsub(/²/, "2", text); gsub(/é/, "e", text); if (text ~ /^[.'"'"']/) text = "\\&" text; return text }
    function heading(text) { if (coded) print ".fi\n.RE"; coded = 0; print ".SH " text; section = text; fresh = 1 }
    BEGIN { printf ".TH \"%s\" 1 \"\" \"voxelith %s\" \"Voxelith\"\n", toupper(name), version }
    /^OVERVIEW: / {
      sub(/^OVERVIEW: /, "")
      summary = $0; sub(/\.$/, "", summary)
      heading("NAME"); print plain(name) " \\- " plain(tolower(substr(summary, 1, 1)) substr(summary, 2))
      heading("SYNOPSIS"); print ".B " plain(usage)
      next
    }
    /^USAGE: / { next }
    /^[A-Z][A-Z ]*:$/ { sub(/:$/, ""); heading($0); next }
    /^  See .* for detailed help\.$/ { next }
    # What stands between overview and usage.
    section == "SYNOPSIS" && NF { heading("DESCRIPTION") }
    section == "DESCRIPTION" && /^  / { if (!coded) { print ".RS\n.nf"; coded = 1 } sub(/^  /, ""); print plain($0); next }
    section == "DESCRIPTION" { if (coded) { print ".fi\n.RE"; coded = 0 } if (NF) print plain($0); else if (!fresh) print ".PP"; fresh = 0; next }
    /^  [^ ]/ {
      line = substr($0, 3); text = ""
      at = match(line, /  +/)
      if (at) { text = substr(line, at + RLENGTH); line = substr(line, 1, at - 1) }
      # A word that fills its column has one space behind it.
      else {
        label = ""
        while (match(line, /^(-[^ ]+|<[^>]*>)( |$)/)) { label = label substr(line, 1, RLENGTH); line = substr(line, RLENGTH + 1) }
        if (label != "") { text = line; line = label; sub(/ $/, "", line) }
      }
      print ".TP\n.B " plain(line); if (text != "") print plain(text); next
    }
    /^ +[^ ]/ { sub(/^ +/, ""); print plain($0); next }
    NF && section != "" { print plain($0) }
    END { if (also != "") { heading("SEE ALSO"); print also } }
  ' >"$folder/$name.1"
}

commands=$(help | sed -n '/^SUBCOMMANDS:/,$s/^  \([a-z][a-z-]*\)  .*/\1/p')
also=
for command in $commands; do
  help "$command" | page "voxelith-$command" "$(usage "$command")" ".BR voxelith (1)"
  also="$also${also:+, }\\\\fBvoxelith-$command\\\\fR(1)"
done
help | page voxelith "$(usage)" "$also"
