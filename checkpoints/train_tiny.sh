#!/usr/bin/env bash
# Trains checkpoints/tiny-codi on two CPU cores: sums, the verbal chain, the latents, then everything at once.
# Each stage goes on from the one before; the same command again resumes a killed run.
set -euo pipefail
cd "$(dirname "$0")/.."
runs=${1:-runs/tiny}
shared="--adam-beta2 0.98 --weight-decay 0.01 --clip 1 --warmup 100 --precision fp32"
latents="--distill 1 --teacher-answer 1 --step 1 --lens 2 --latent-gradient 0.5 --epochs 3 --lr 1e-3 --save-every 250"
stage() { [ -f "$runs/$1/codi.json" ] || python train_codi.py --output "$runs/$1" "${@:2}" $shared; }

stage equations --from-scratch --layers 3 --mlp-width 256 --data equations -n 200000 --include-last-step \
    --student 0 --batch-size 512 --epochs 1 --lr 2e-3 --validate-every 10000
stage verbal --model "$runs/equations" --full --data word-problems -n 120000 \
    --student 0 --direct 0 --teacher-answer 1 --batch-size 256 --epochs 1.5 --lr 2e-3 --validate-every 350
stage latents --model "$runs/verbal" --full --data word-problems -n 120000 --seed 1 \
    --direct 0 --batch-size 256 --ramp-steps 200 --validate-every 200 --log-every 50 $latents
stage codi --model "$runs/latents" --full --data word-problems -n 200000 --seed 2 \
    --direct 0.5 --batch-size 256 --ramp-steps 50 --validate-every 250 --log-every 50 $latents
