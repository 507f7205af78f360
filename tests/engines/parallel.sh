#!/usr/bin/env bash
# A sweep by GNU parallel on this machine, as docs/clusters.md tells it; one worker is killed in the middle. What is collected
# must be the very bytes of the same sweep without it.
#
#   tests/engines/parallel.sh NEARFAR [WORKDIR]     WORKDIR is kept, with all logs; a temporary folder is removed
#
# Installs parallel if it is missing and may be. Ends with 77 if it cannot be tried here.
set -euo pipefail
# shellcheck source=tests/engines/common.sh
. "$(dirname "$0")/common.sh"
prepare "$@"
[[ -n ${NEARFAR_ALONE:-} ]] || install parallel parallel
alone "$@" || true
export PARALLEL_HOME=$work/parallel
mkdir -p "$PARALLEL_HOME"
touch "$PARALLEL_HOME/will-cite"

study 0.1
cd "$work"
"$nearfar" sweep plan study/fleet.toml -o plan --json >/dev/null
# Counts how often work is begun, so that it shows whether the lost worker was started anew.
printf '#!/bin/sh\necho $$ >>"%s"\nexec "%s" "$@"\n' "$work/attempts" "$nearfar" >worker
chmod +x worker
seq 0 7 | parallel --retries 3 --joblog jobs.log -j 2 ./worker sweep run plan --shard {}/8 --threads 1 --quiet &
parallel=$!
waited=0
# The third began when one of the first two had ended, so it has all its work before it.
until begun plan && victim=$(sed -n 3p attempts) && [[ -n $victim ]]; do
    ((++waited < 1200)) || fail "no shard is done while another is at work"
    sleep 0.05
done
kill -9 "$victim"
wait "$parallel" || fail "parallel gave up"
(($(wc -l <attempts) == 9)) || fail "the killed worker was not started once more: $(wc -l <attempts) starts for 8 shards"
same plan "GNU parallel with a worker killed"
