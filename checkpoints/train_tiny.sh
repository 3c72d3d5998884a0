#!/usr/bin/env bash
# Trains checkpoints/tiny-codi on two CPU cores: sums, the verbal chain, its results one token a step, plain CODI,
# CODI asked for its answer after any step, and, given another question's vectors, for that question's.
# Each stage goes on from the one before; the same command again resumes a killed run.
set -euo pipefail
cd "$(dirname "$0")/.."
runs=${1:-runs/tiny}
shared="--adam-beta2 0.98 --weight-decay 0.01 --clip 1 --warmup 100 --precision fp32 --validate-every 390"
stage() { [ -f "$runs/$1/codi.json" ] || python train_codi.py --output "$runs/$1" "${@:2}" $shared; }

stage equations --from-scratch --layers 3 --mlp-width 256 --data equations -n 200000 --include-last-step \
    --student 0 --batch-size 512 --epochs 1 --lr 2e-3
stage verbal --model "$runs/equations" --full --data word-problems -n 120000 \
    --student 0 --direct 0 --teacher-answer 1 --batch-size 128 --epochs 1.5 --lr 1.5e-3
stage results --model "$runs/verbal" --full --data word-problems -n 120000 --seed 1 \
    --teacher-forcing --lens 3 --project 0.5 --distill 0 --direct 0 --teacher-answer 1 \
    --batch-size 128 --epochs 3 --lr 1.5e-3
stage codi --model "$runs/results" --full --data word-problems -n 100000 --seed 2 \
    --distill 1 --direct 0.5 --teacher-answer 1 --batch-size 128 --epochs 1.2 --lr 6e-4
stage asked --model "$runs/codi" --full --data word-problems -n 100000 --seed 3 \
    --step 1 --lens 1 --distill 1 --direct 0.5 --teacher-answer 1 --batch-size 128 --epochs 1 --lr 5e-4
stage swapped --model "$runs/asked" --full --data word-problems -n 60000 --seed 4 \
    --step 1 --lens 1 --swap 1 --distill 1 --direct 0.5 --teacher-answer 1 --batch-size 128 --epochs 1 --lr 3e-4
