#!/usr/bin/env bash
# Trains checkpoints/tiny-oracle on two CPU cores: it reads tiny-codi's vectors. Small batches first, then larger ones at
# a higher rate. The same command again resumes a killed run.
set -euo pipefail
scripts=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "${1:-runs/oracle}" && cd "${1:-runs/oracle}"

collect() {
    [ -f "$3" ] || python "$scripts/collect_traces.py" --model tiny --data word-problems --split "$1" -n "$2" \
        --ablation-types zero skip noise swap hide --vectors --patches 2 --output "$3"
}
collect train 2000 traces_train.jsonl
collect test 500 traces_test.jsonl
[ -f vector_val.jsonl ] || python "$scripts/generate_oracle_data.py" --input traces_train.jsonl \
    --strategies ablation early_decode contrastive patching counterfactual token_stats \
    --output vector_data.jsonl --val-output vector_val.jsonl
train() {
    [ -f "$1/best/oracle.json" ] || python "$scripts/train_oracle.py" --reads vectors --asked-only \
        --train vector_data.jsonl --val vector_val.jsonl --output "$1" --log-every 25 "${@:2}"
}
train v1 --batch-size 16 --epochs 2 --lr 1e-3 --save-every 150 --max-steps 700
train v2 --base v1/best --tune full --batch-size 64 --max-steps 1000 --lr 2e-3 --save-every 200
python "$scripts/eval_oracle.py" --traces traces_test.jsonl --oracle-dir v2/best --per-task 1 --output oracle_eval.json --plot oracle_eval.png
