"""PyTorch's side of what torch_bench.py does not print: peak memory of a workload, and time against size.

    torch_side.py TORCH_BENCH THREADS memory WORKLOAD
    torch_side.py TORCH_BENCH THREADS mlp BATCH,WIDTH ...
    torch_side.py TORCH_BENCH THREADS gpt BATCH,STEPS ...

The models are those of torch_bench.py, which is run with a workload that it does not have."""
import json, resource, runpy, statistics, sys, time

path, threads, kind, *what = sys.argv[1:]
sys.argv = [path, threads, "none"]
bench = runpy.run_path(path)
import torch, torch.nn as nn, torch.nn.functional as F


def peak_bytes():
    # ru_maxrss also counts the program that started this one; the high-water mark of Linux does not.
    try:
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM"))
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def training(model, x, y, optimizer):
    def step():
        optimizer.zero_grad(); F.cross_entropy(model(x).view(-1, model_classes), y).backward(); optimizer.step()
    model_classes = 10 if kind == "mlp" else 65
    return step


def mlp(batch, width):
    model = nn.Sequential(nn.Linear(784, width), nn.ReLU(), nn.Linear(width, 10))
    return training(model, torch.randn(batch, 784), torch.randint(0, 10, (batch,)), torch.optim.Adam(model.parameters(), lr=1e-3))


def gpt(batch, steps):
    model = bench["Gpt"](T=steps)
    x, y = torch.randint(0, 65, (batch, steps)), torch.randint(0, 65, (batch * steps,))
    return training(model, x, y, torch.optim.AdamW(model.parameters(), lr=1e-3))


def median_seconds(step, seconds):
    for _ in range(3): step()
    rounds, end = [], time.perf_counter() + seconds
    while time.perf_counter() < end or len(rounds) < 5:
        n = 1 if not rounds else max(1, int(seconds / 10 / rounds[0]))
        t = time.perf_counter()
        for _ in range(n): step()
        rounds.append((time.perf_counter() - t) / n)
    return statistics.median(rounds[1:])


if kind == "memory":
    step, end = bench[what[0]](), time.perf_counter() + 2
    while time.perf_counter() < end: step()
    print(json.dumps({"workload": what[0], "threads": int(threads), "peak_bytes": peak_bytes()}))
else:
    for sizes in what:
        first, second = map(int, sizes.split(","))
        seconds = median_seconds({"mlp": mlp, "gpt": gpt}[kind](first, second), 0.5)
        print(json.dumps({"sizes": sizes, "threads": int(threads), "seconds_per_step": seconds}), flush=True)
