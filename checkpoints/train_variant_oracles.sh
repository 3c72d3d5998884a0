#!/usr/bin/env bash
# Trains and scores three seeds of an oracle that reads the vectors of tiny-plain or tiny-pause, as train_tiny_oracle.sh
# does those of tiny-codi and from the same language model, but for its second epoch; and one that starts from the model
# whose vectors it reads. The same command again resumes a killed run.
#     checkpoints/train_variant_oracles.sh plain
#     checkpoints/train_variant_oracles.sh pause
case ${1-} in plain | pause) model=tiny-$1 ;; *) echo "plain or pause?" >&2; exit 2 ;; esac
source "$(dirname "$0")/oracle_recipe.sh" "${2:-runs/$model-oracle}"

prepare
export OMP_NUM_THREADS=1
for seed in 0 1 2; do
    train "vectors$seed" --base tiny --reads vectors --seed "$seed" --batch-size 16 --epochs 1 --save-every 600
done
train own --base "$model" --reads vectors --seed 0 --batch-size 16 --epochs 1 --save-every 600
evaluate vectors --oracle-dir vectors0/best vectors1/best vectors2/best
evaluate own --oracle-dir own/best
cat vectors_eval.txt own_eval.txt
