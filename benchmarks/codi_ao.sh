#!/usr/bin/env bash
# A published design run again, with controls: an oracle reads one latent vector of a two-step problem, its question
# hidden, and says which result the vector holds and by which operation (vabruzzo/codi-ao: 97.5% of first results,
# 59.5% of second, 99.5% of operations on bcywinski/codi_llama1b-answer_only, 200 problems, no controls).
#   benchmarks/codi_ao.sh --model llama1b        on a GPU; hidden states of steps 1 and 3, as published
#   benchmarks/codi_ao.sh --model tiny           on a CPU; steps 0 and 1, which hold its first two results
# --steps A B, --folder DIR, --epochs N; any other option goes to collect_traces.py. The same command again goes on.
set -euo pipefail
cd "$(dirname "$0")/.."
model="" folder="" steps="" epochs=3 more=()
while (($#)); do
    case "$1" in
        --model) model="$2"; shift 2 ;;
        --folder) folder="$2"; shift 2 ;;
        --steps) steps="$2 $3"; shift 3 ;;
        --epochs) epochs="$2"; shift 2 ;;
        *) more+=("$1"); shift ;;
    esac
done
if [[ -z "$model" ]]; then
    echo "Say which checkpoint: benchmarks/codi_ao.sh --model tiny" >&2
    exit 2
fi
folder="${folder:-runs/codi_ao-${model//\//-}}"
if [[ -z "$steps" ]]; then
    [[ "$model" == tiny* ]] && steps="0 1" || steps="1 3"
fi
mkdir -p "$folder"
[[ -e "$folder/test.problems.jsonl" ]] || python benchmarks/codi_ao.py problems --folder "$folder"
for split in train test; do
    python collect_traces.py --model "$model" --data "$folder/$split.problems.jsonl" --skip-ablation \
        --skip-early-decode --vectors --output "$folder/$split.jsonl" "${more[@]}"
done
python benchmarks/codi_ao.py pairs --folder "$folder" --steps $steps
if [[ ! -e "$folder/oracle/best/oracle.json" ]]; then
    python train_oracle.py --train "$folder/pairs.train.jsonl" --val "$folder/pairs.val.jsonl" --base codi \
        --reads vectors --vectors h --steps asked --epochs "$epochs" --output "$folder/oracle"
fi
python benchmarks/codi_ao.py score --folder "$folder" --steps $steps
