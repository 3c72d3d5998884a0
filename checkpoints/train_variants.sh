#!/usr/bin/env bash
# Trains checkpoints/tiny-plain, a CODI that was taught words and answers alone, or checkpoints/tiny-pause, the same with
# one learned vector in place of every thought: sums, the verbal chain, the chain as its results alone (which both
# share), two stages of Coconut's curriculum, plain CODI.
# Each stage goes on from the one before; the same command again resumes a killed run.
#     checkpoints/train_variants.sh plain
#     checkpoints/train_variants.sh pause
set -euo pipefail
cd "$(dirname "$0")/.."
name=$1 runs=${2:-runs/tiny}
case $name in plain) feeds=mlp-ln ;; pause) feeds=pause ;; *) echo "plain or pause?" >&2; exit 2 ;; esac
shared="--adam-beta2 0.98 --weight-decay 0.01 --clip 1 --warmup 100 --precision fp32 --validate-every 125"
stage() { [ -f "$runs/$1/codi.json" ] || python train_codi.py --output "$runs/$1" "${@:2}" $shared; }

# as in train_tiny.sh
stage equations --from-scratch --layers 3 --mlp-width 256 --data equations -n 200000 --include-last-step \
    --student 0 --batch-size 512 --epochs 1 --lr 2e-3
stage verbal --model "$runs/equations" --full --data word-problems -n 120000 \
    --student 0 --direct 0 --teacher-answer 1 --batch-size 128 --epochs 1.5 --lr 1.5e-3

stage terse --model "$runs/verbal" --full --data word-problems -n 120000 --seed 1 --terse \
    --student 0 --direct 0 --teacher-answer 1 --batch-size 128 --epochs 2 --lr 1.5e-3
stage "$name-1" --model "$runs/terse" --full --data word-problems -n 32000 --seed 2 --terse --feeds $feeds --stage 1 \
    --distill 0 --direct 0 --teacher-answer 1 --batch-size 128 --epochs 1 --lr 8e-4
stage "$name-2" --model "$runs/$name-1" --full --data word-problems -n 32000 --seed 3 --terse --feeds $feeds --stage 2 \
    --distill 0 --direct 0 --teacher-answer 1 --batch-size 128 --epochs 1 --lr 8e-4
stage "$name" --model "$runs/$name-2" --full --data word-problems -n 64000 --seed 4 --terse --feeds $feeds \
    --distill 1 --direct 0.5 --teacher-answer 1 --batch-size 128 --epochs 1 --lr 8e-4
