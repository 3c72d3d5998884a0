#!/usr/bin/env bash
# A published design run again, smaller, with controls: an oracle reads one latent vector of a two-step problem, its
# question hidden, and says which result the vector holds and by which operation. The original (vabruzzo/codi-ao on
# bcywinski/codi_llama1b-answer_only, 200 problems) reports 97.5% of first results, 59.5% of second ones, and 99.5% of
# operations against a logit lens's 60.1%, with no controls with other vectors. It trains on about 40k pairs of five
# kinds: value, operation, yes or no, magnitude, comparison of several latents; this one on value and operation.
#   benchmarks/codi_ao.sh --model llama1b        on a GPU; hidden states of steps 1 and 3, as published
#   benchmarks/codi_ao.sh --model tiny           on a CPU; steps 0 and 1, which hold its first two results
# --steps A B, --folder DIR, --epochs N (3), --seed N; any other option goes to collect_traces.py. The same command
# again goes on; one with other settings needs another folder.
set -euo pipefail
cd "$(dirname "$0")/.."
for word; do
    if [[ "$word" == --help || "$word" == -h ]]; then
        sed -n '2,/^set /s/^# \{0,1\}//p' benchmarks/codi_ao.sh
        exit 0
    fi
done
folder=$(python benchmarks/codi_ao.py check "$@")
for stage in problems traces pairs train score; do
    python benchmarks/codi_ao.py "$stage" --folder "$folder"
done
