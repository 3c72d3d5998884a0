import torch

from probes import RidgeProbe


def test_the_probe_finds_a_linear_rule_and_no_more():
    generator = torch.Generator().manual_seed(0)
    train_x, test_x = (torch.randn(n, 20, generator=generator) for n in (200, 100))

    def rule(x):
        return ["up" if v > 0 else "down" for v in x[:, 3].tolist()]

    rows = torch.arange(200)
    said = RidgeProbe(train_x).fit_predict(rule(train_x), rows, test_x)
    assert sum(a == b for a, b in zip(said, rule(test_x), strict=True)) > 90
    noise = ["up" if v > 0 else "down" for v in torch.randn(200, generator=generator).tolist()]
    said = RidgeProbe(train_x).fit_predict(noise, rows, test_x)
    assert 25 < sum(a == b for a, b in zip(said, rule(test_x), strict=True)) < 75


def test_the_dual_ridge_equals_the_primal():
    generator = torch.Generator().manual_seed(0)
    x, test = torch.randn(30, 6, generator=generator), torch.randn(5, 6, generator=generator)
    y = torch.randn(30, 2, generator=generator).double()
    probe = RidgeProbe(x)
    (dual,) = probe.scores(torch.arange(30), y, probe.scaled(test), [0.1])
    a = probe.train
    ridge = 0.1 * torch.linalg.eigvalsh(a @ a.T).mean()
    primal = torch.linalg.solve(a.T @ a + ridge * torch.eye(6), a.T @ (y - y.mean(0)))
    assert torch.allclose(dual, probe.scaled(test) @ primal + y.mean(0))
