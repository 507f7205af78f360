#!/usr/bin/env bash
# A sweep on a real Slurm with two nodes on this machine, one of which is lost in the middle: node, daemon and all work on it.
# What is collected in the end must be the very bytes of the same sweep without Slurm.
#
#   tests/engines/slurm.sh NEARFAR [WORKDIR]     WORKDIR is kept, with all logs; a temporary folder is removed
#
# Needs root; installs slurm-wlm and munge if they are missing. Ends with 77 if it cannot be tried here.
set -euo pipefail
# shellcheck source=tests/engines/common.sh
. "$(dirname "$0")/common.sh"
prepare "$@"
if [[ -z ${NEARFAR_ALONE:-} ]]; then
    [[ $(id -u) == 0 ]] || skip "Slurm's daemons on one machine need root"
    install "munged slurmctld slurmd sbatch squeue" "slurm-wlm munge"
fi
alone "$@" || skip "this system allows no namespaces (unshare), so no node can be lost here"

study 0.3

# Slurm as small as it gets. SlurmdTimeout: how soon a silent node counts as lost. cred_expire: how long its work is held back.
mkdir -p "$work/slurm/state"
chmod 711 "$work"
cd "$work/slurm"
head -c 1024 /dev/urandom >munge.key
chmod 600 munge.key
munged --force --key-file="$PWD/munge.key" --socket="$PWD/munge.sock" --pid-file="$PWD/munge.pid" \
    --log-file="$PWD/munge.log" --seed-file="$PWD/munge.seed"
export SLURM_CONF=$PWD/slurm.conf
cat >slurm.conf <<CONF
ClusterName=nearfar
SlurmctldHost=localhost(127.0.0.1)
SlurmctldPort=17100
AuthInfo=socket=$PWD/munge.sock,cred_expire=5
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
SlurmUser=root
SlurmdUser=root
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
MpiDefault=none
StateSaveLocation=$PWD/state
SlurmctldPidFile=$PWD/slurmctld.pid
SlurmctldLogFile=$PWD/slurmctld.log
SlurmdSpoolDir=$PWD/spool.%n
SlurmdPidFile=$PWD/slurmd.%n.pid
SlurmdLogFile=$PWD/slurmd.%n.log
SlurmdTimeout=10
MessageTimeout=5
ReturnToService=2
JobRequeue=1
SchedulerParameters=batch_sched_delay=1,sched_interval=5
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
NodeName=n[1-2] NodeHostname=localhost NodeAddr=127.0.0.1 Port=17101-17102 CPUs=2 RealMemory=500
PartitionName=all Nodes=ALL Default=YES State=UP
CONF
slurmctld -D >slurmctld.out 2>&1 &
# A node is a process tree of its own: when its first process dies, all that ran on the node dies with it.
declare -A node
for name in n1 n2; do
    unshare --pid --fork --kill-child --mount-proc bash -c 'slurmd -D -N "$0" & wait' "$name" >"$name.out" 2>&1 &
    node[$name]=$!
done
for _ in {1..60}; do
    idle=$(timeout 2 sinfo -h -t idle -o %D 2>/dev/null || true)
    [[ $idle == 2 ]] && break
    sleep 0.5
done
[[ $idle == 2 ]] || { tail -n 20 -- *.log; fail "Slurm does not come up"; }
seconds "Slurm is up: $(sinfo -V), $(sinfo -h -N -o %N | tr '\n' ' ')"

plan="$work/$hard_name"
"$nearfar" sweep plan "$work/study/fleet.toml" -o "$plan" --json >/dev/null
submit() { "$nearfar" sweep submit "$plan" --engine slurm --shards 8 --at-once 6; }
submit | head -n 2

waited=0
# Shards 0 to 3 start at once; a later one on n2 began when another had ended, so it has all its work before it.
until begun "$plan" && squeue -h -r -t R -w n2 -o %K | grep -q '[4-7]'; do
    ((++waited < 600)) || { squeue; tail -n 20 -- *.log; fail "no shard is done while another is at work on n2"; }
    sleep 0.1
done
lost=$(squeue -h -r -t R -w n2 -o %K | tr '\n' ' ')
kill -9 "${node[n2]}"
wait "${node[n2]}" 2>/dev/null || true
seconds "n2 is dead, with shards $lost on it; $(fact "$plan" missing) of 60 runs are missing"

ended() {
    for ((waited = 0; waited < 150; waited++)); do
        [[ -n $(squeue -h) ]] || return 0
        sleep 1
    done
    seconds "the queue is not empty after $waited s"
    squeue -r -o '%K %t %r'
    scancel --full --state=PENDING,RUNNING --user=root
}
restarted() { scontrol -o show job | grep -c 'Restarts=[1-9]' || true; }
ended
seconds "the queue is empty; $(restarted) shards were begun again, $(fact "$plan" missing) runs are missing"
[[ $(sinfo -h -n n2 -o %t) == down* ]] || fail "n2 is not down: $(sinfo -h -n n2)"
(($(restarted) > 0)) || fail "nothing was lost with n2, so this shows nothing"
if (($(fact "$plan" missing) > 0)); then
    submit
    ended
    seconds "submitted again"
fi
[[ -e "$plan/logs/shard-0.log" ]] || { ls "$plan/logs"; fail "shard 0 has no log in the plan folder"; }
submit | grep -q "every run is done" || fail "a plan that is done is handed over again"
same "$plan" "Slurm with a node lost"
