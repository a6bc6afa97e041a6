#!/bin/sh
# Runs a small pipeline on a real Slurm of this one machine: controller and node with a configuration of their own, a job
# array of shards of which one is killed and requeued, and a comparison of every byte with the single run.
#
#   sh Tests/Slurm/run.sh [path of voxelith]
#
# Needs root, and Debian's slurm-wlm and munge (installed where missing).
set -eu
cd "$(dirname "$0")/../.."
program=$(realpath "${1:-.build/release/voxelith}")
shards=${SHARDS:-4}
[ "$(id -u)" = 0 ] || { echo "skipped: needs root to start munge and Slurm"; exit 0; }
command -v slurmctld >/dev/null && command -v munged >/dev/null || {
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends slurm-wlm munge >/dev/null
}

work=$(mktemp -d /tmp/voxelith-slurm.XXXXXX)
chmod 755 "$work"
munge_pid= ctld_pid= slurmd_pid=
cleanup() {
  status=$?
  trap - EXIT INT TERM
  for pid in $slurmd_pid $ctld_pid $munge_pid; do kill "$pid" 2>/dev/null || true; done
  # They write their state as they end.
  for pid in $slurmd_pid $ctld_pid $munge_pid; do wait "$pid" 2>/dev/null || true; done
  if [ $status -ne 0 ]; then
    tail -n 20 "$work"/*.log "$work"/jobs/logs/*.log 2>/dev/null || true
    echo "kept: $work"
  else
    rm -rf "$work"
  fi
  exit $status
}
trap cleanup EXIT INT TERM

# munge: a key and a socket of our own, so that no service of the machine is touched.
mkdir -p "$work/munge"
chown munge: "$work/munge"
chmod 755 "$work/munge"
dd if=/dev/urandom of="$work/munge/munge.key" bs=128 count=1 2>/dev/null
chown munge: "$work/munge/munge.key"
chmod 400 "$work/munge/munge.key"
socket=$work/munge/munge.socket
# In the background the shell becomes munged, so that its number is the one to end.
as_munge() { exec setpriv --reuid=munge --regid=munge --clear-groups "$@"; }
as_munge munged --foreground --force --key-file="$work/munge/munge.key" --socket="$socket" \
  --pid-file="$work/munge/munged.pid" --log-file="$work/munge/munged.log" --seed-file="$work/munge/munged.seed" &
munge_pid=$!

host=$(hostname -s)
cores=$(nproc)
memory=$(awk '/MemTotal/ {print int($2 / 1024) - 256}' /proc/meminfo)
mkdir -p "$work/state" "$work/spool"
cat >"$work/slurm.conf" <<CONF
ClusterName=voxelith-test
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$socket
CryptoType=crypto/munge
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
ReturnToService=2
SlurmctldPort=26817
SlurmdPort=26818
SlurmctldPidFile=$work/slurmctld.pid
SlurmdPidFile=$work/slurmd.pid
SlurmdSpoolDir=$work/spool
StateSaveLocation=$work/state
SlurmctldLogFile=$work/slurmctld.log
SlurmdLogFile=$work/slurmd.log
SwitchType=switch/none
SchedulerType=sched/backfill
SchedulerParameters=bf_interval=1,sched_interval=1,batch_sched_delay=0,requeue_delay=1
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
JobRequeue=1
KillWait=1
MinJobAge=600
InactiveLimit=0
NodeName=$host NodeAddr=127.0.0.1 CPUs=$cores RealMemory=$memory State=UNKNOWN
PartitionName=all Nodes=$host Default=YES MaxTime=INFINITE State=UP
CONF
export SLURM_CONF="$work/slurm.conf"
i=0
while [ ! -S "$socket" ]; do i=$((i + 1)); [ $i -lt 100 ] || { echo "munged does not start"; exit 1; }; sleep 0.1; done
slurmctld -D -f "$SLURM_CONF" >"$work/slurmctld.out.log" 2>&1 &
ctld_pid=$!
sleep 2
slurmd -D -f "$SLURM_CONF" -N "$host" >"$work/slurmd.out.log" 2>&1 &
slurmd_pid=$!
i=0
until sinfo -h -o %T 2>/dev/null | grep -q -E '^(idle|mixed|allocated)'; do
  i=$((i + 1))
  [ $i -lt 300 ] || { echo "the node does not come up"; sinfo -R || true; exit 1; }
  sleep 0.2
done
echo "slurm $(sinfo --version | cut -d' ' -f2): one node of $cores cores"

"$program" simulate -o "$work/twin" --shape "${SHAPE:-64,96,96}" --ratio 4 --seed 3 -q
"$program" run "$work/twin/pipeline.yaml" -o "$work/single" -q
"$program" slurm "$work/twin/pipeline.yaml" -o "$work/jobs" --results "$work/shared" --shards "$shards" --threads 1 \
  --memory 512M -q
sh "$work/jobs/submit.sh" | tee "$work/submitted"
array=$(awk '$2 ~ /-map.sbatch$/ && $2 !~ /before|merge/ {print $1}' "$work/submitted")
last=$(awk 'END {print $1}' "$work/submitted")

# Kill one task of the array as it runs. It is stopped first, so that it cannot end before the controller has it back in
# the queue.
task=$((shards / 2 + 1))
i=0
until pid=$(pgrep -f -- "-o $work/shared --only map --shard $task/$shards" | head -n 1) && [ -n "$pid" ]; do
  i=$((i + 1))
  if [ $i -ge 20000 ]; then squeue; echo "the task does not start"; exit 1; fi
  sleep 0.01
done
kill -STOP "$pid"
scontrol requeue "${array}_$task"
kill -KILL "$pid"
# A job that is put back waits two minutes for its credentials to run out; this one was killed at once.
sleep 2
scontrol update "JobId=${array}_$task" StartTime=now || true
echo "task $task of $shards (process $pid) killed and requeued"

i=0
while squeue -h -o %i | grep -q .; do
  i=$((i + 1))
  if [ $i -ge 3000 ]; then squeue; echo "the jobs do not end"; exit 1; fi
  if squeue -h -o %r | grep -q DependencyNeverSatisfied; then squeue; echo "a job failed"; exit 1; fi
  sleep 0.2
done
scontrol show job "$last" | grep -q JobState=COMPLETED || { echo "the last job did not end well"; exit 1; }
scontrol show job "${array}_$task" | grep -o 'Restarts=[0-9]*' | head -n 1

rm -rf "$work/shared/shards"
find "$work/single" "$work/shared" -name provenance.json -delete
# The page of the report shows provenance: times and the command line.
rm -f "$work"/single/report/report.html "$work"/shared/report/report.html "$work"/single/report/stage.json "$work"/shared/report/stage.json
diff -r "$work/single" "$work/shared"
echo "the bytes of the single run: $(find "$work/shared" -type f | wc -l) files"
