#!/bin/sh
# Runs every benchmark beside its peers and writes one table.
#
#   PEERS=path/to/python3 sh Tests/Benchmarks/run.sh [FILE.md] [NAME ...]
#
# Each folder here with a run.py is a benchmark; names pick some of them. By default all run but `scale`, which has no
# peer and takes as long as the others together. PEERS is a Python that has the peers
# (numpy, scipy, tifffile, imagecodecs, structure-tensor, taufactor, SimpleITK); what it lacks is named and left
# out. Lines of four columns that a benchmark prints (what | ours | peer | ratio) make up the table.
set -u
here=$(cd "$(dirname "$0")" && pwd)
python=${PEERS:-python3}
table=${1:-bench.md}
[ $# -gt 0 ] && shift
names=${*:-$(for script in "$here"/*/run.py; do basename "$(dirname "$script")"; done | grep -vx scale)}
command -v "$python" >/dev/null || { echo "skipped: $python is not there; set PEERS" >&2; exit 0; }

log=$(mktemp)
trap 'rm -f "$log"' EXIT
{
  echo "# Benchmarks"
  echo
  echo "$(date -u +%Y-%m-%d), $(uname -m), $(getconf _NPROCESSORS_ONLN) cores, load $(cut -d' ' -f1 /proc/loadavg)"
  echo
  echo "| benchmark | what | Voxelith | peer | ratio |"
  echo "|---|---|---|---|---|"
} > "$table"
for name in $names; do
  echo "== $name"
  if "$python" "$here/$name/run.py" > "$log" 2>&1; then cat "$log"; else
    cat "$log"
    echo "skipped: $name did not run to its end"
    echo "| $name | did not run to its end | | | |" >> "$table"
  fi
  awk -F'|' -v name="$name" 'NF == 6 && $0 ~ /^[|]/ && $2 !~ /^-+$/ && !heads[name]++ { next }
    NF == 6 && $0 ~ /^[|]/ && $2 !~ /^-+$/ { print "| " name " " $0 }' "$log" >> "$table"
done
echo
cat "$table"
