"""More PyTorch networks for bench/zoo.py, small ones of many kinds: attention, recurrent cells, images, policies, generators, recommenders.

CASES, by name, a function that gives (model bytes, list of samples). Each network is exported by both of PyTorch's exporters.
"""
import numpy as np

from networks import export, images, series, Residual, Squeeze

CASES = {}


def net(name, *inputs, samples=12, exporters=(False, True), warm=True, names=None, **more):
    """Registers a module by a function of (torch, nn). An input is a shape, ("int", n, shape), ("mask", shape) or a function of a generator."""
    def draw(r, torch, i):
        if callable(i):
            return torch.from_numpy(i(r))
        if i[0] == "int":
            return torch.from_numpy(r.integers(0, i[1], i[2]))
        if i[0] == "mask":  # ones, then zeros
            return torch.from_numpy((np.arange(i[1][-1]) < r.integers(3, i[1][-1] + 1)).astype(np.int64)[None])
        return torch.from_numpy(images(r, i) if len(i) == 4 else series(r, i) if len(i) == 3 else r.normal(size=i).astype(np.float32))

    def register(build):
        def make(dynamo):
            import torch
            torch.manual_seed(len(name))
            net, r = build(torch, torch.nn), np.random.default_rng(len(name))
            x = lambda: tuple(draw(r, torch, i) for i in inputs)  # noqa: E731
            net.train()
            with torch.no_grad():
                for _ in range(3 * warm):
                    net(*[torch.cat([a, b]) if a.is_floating_point() and len(inputs) == 1 else a for a, b in zip(x(), x())])
            net.eval()
            named = names or "xyzuvw"[:len(inputs)]
            model = export(torch, net, x(), dynamo, names=list(named), **more)
            return model, [{k: v.numpy() for k, v in zip(named, x())} for _ in range(samples)]
        for d in exporters:
            CASES[name + " dynamo" * d] = lambda d=d: make(d)
        return build
    return register


def module(nn, forward, **parts):
    """A module of parts whose forward is that of (self, *inputs)."""
    class M(nn.Module):
        def __init__(self):
            super().__init__()
            for k, v in parts.items():
                setattr(self, k, v)

        def forward(self, *x):
            return forward(self, *x)
    return M()


# attention

@net("attention with weights", (1, 8, 16))
def _(torch, nn):
    return module(nn, lambda m, x: m.a(x, x, x), a=nn.MultiheadAttention(16, 2, batch_first=True))


@net("cross attention", (1, 6, 16), (1, 10, 16))
def _(torch, nn):
    return module(nn, lambda m, x, y: m.a(x, y, y, need_weights=False)[0], a=nn.MultiheadAttention(16, 4, batch_first=True))


@net("causal attention", (1, 8, 16))
def _(torch, nn):
    mask = torch.triu(torch.ones(8, 8, dtype=torch.bool), 1)
    return module(nn, lambda m, x: m.a(x, x, x, attn_mask=mask, need_weights=False)[0], a=nn.MultiheadAttention(16, 4, batch_first=True))


@net("encoder layer small", (1, 8, 32), exporters=(True,))
def _(torch, nn):
    return nn.TransformerEncoderLayer(32, 4, 64, batch_first=True, activation="gelu", dropout=0)


@net("decoder layer", (1, 6, 32), (1, 8, 32))
def _(torch, nn):
    layer = nn.TransformerDecoderLayer(32, 4, 64, batch_first=True, norm_first=True, dropout=0)
    mask = nn.Transformer.generate_square_subsequent_mask(6)
    return module(nn, lambda m, x, y: m.d(x, y, tgt_mask=mask, tgt_is_causal=True), d=layer)


@net("seq2seq transformer", (1, 6, 16), (1, 5, 16), exporters=(True,))
def _(torch, nn):
    return nn.Transformer(16, 2, 2, 2, 32, batch_first=True, dropout=0)


def bert(torch, nn, padded=True):
    d, heads, words, steps = 32, 4, 100, 12

    class Layer(nn.Module):
        def __init__(self):
            super().__init__()
            self.q, self.k, self.v, self.o = (nn.Linear(d, d) for _ in range(4))
            self.f, self.g, self.act = nn.Linear(d, 4 * d), nn.Linear(4 * d, d), nn.GELU()
            self.n, self.m = nn.LayerNorm(d, eps=1e-12), nn.LayerNorm(d, eps=1e-12)

        def forward(self, x, mask):
            split = lambda t: t.view(t.size(0), -1, heads, d // heads).permute(0, 2, 1, 3)  # noqa: E731
            s = split(self.q(x)) @ split(self.k(x)).transpose(-1, -2) / (d // heads) ** .5 + mask
            y = (s.softmax(-1) @ split(self.v(x))).permute(0, 2, 1, 3).contiguous()
            x = self.n(x + self.o(y.view(y.size(0), -1, d)))
            return self.m(x + self.g(self.act(self.f(x))))

    class M(nn.Module):
        def __init__(self):
            super().__init__()
            self.w, self.p, self.t = nn.Embedding(words, d), nn.Embedding(steps, d), nn.Embedding(2, d)
            self.n, self.layers = nn.LayerNorm(d, eps=1e-12), nn.ModuleList([Layer(), Layer()])
            self.pool, self.out = nn.Linear(d, d), nn.Linear(d, 3)
            self.register_buffer("places", torch.arange(steps)[None])

        def forward(self, ids, attention_mask, types):
            mask = (1.0 - attention_mask[:, None, None, :].float()) * torch.finfo(torch.float32).min
            x = self.n(self.w(ids) + self.p(self.places[:, :ids.size(1)]) + self.t(types))
            for layer in self.layers:
                x = layer(x, mask)
            return self.out(torch.tanh(self.pool(x[:, 0]))), x
    return M()


net("bert", ("int", 100, (1, 12)), ("mask", (1, 12)), ("int", 2, (1, 12)), names=["ids", "mask", "types"], warm=False)(bert)


def gpt(masked):
    def build(torch, nn):
        d, heads, words, steps = 32, 4, 65, 12

        class Layer(nn.Module):
            def __init__(self):
                super().__init__()
                self.a, self.o, self.f, self.g = nn.Linear(d, 3 * d), nn.Linear(d, d), nn.Linear(d, 4 * d), nn.Linear(4 * d, d)
                self.n, self.m = nn.LayerNorm(d), nn.LayerNorm(d)
                self.register_buffer("past", torch.tril(torch.ones(steps, steps))[None, None])

            def forward(self, x):
                b, t, c = x.size()
                q, k, v = (y.view(b, t, heads, c // heads).transpose(1, 2) for y in self.a(self.n(x)).split(d, 2))
                if masked:
                    s = (q @ k.transpose(-2, -1) * (1 / k.size(-1) ** .5)).masked_fill(self.past[:, :, :t, :t] == 0, float("-inf"))
                    y = s.softmax(-1) @ v
                else:
                    y = nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)
                x = x + self.o(y.transpose(1, 2).contiguous().view(b, t, c))
                return x + self.g(nn.functional.gelu(self.f(self.m(x)), approximate="tanh"))

        class M(nn.Module):
            def __init__(self):
                super().__init__()
                self.w, self.p, self.layers, self.n = nn.Embedding(words, d), nn.Embedding(steps, d), nn.Sequential(Layer(), Layer()), nn.LayerNorm(d)
                self.head = nn.Linear(d, words, bias=False)
                self.head.weight = self.w.weight

            def forward(self, ids):
                x = self.w(ids) + self.p(torch.arange(ids.size(1), device=ids.device))
                return self.head(self.n(self.layers(x))[:, [-1], :])
        return M()
    return build


net("gpt masked", ("int", 65, (1, 12)), warm=False)(gpt(True))
net("gpt fused", ("int", 65, (1, 12)), warm=False)(gpt(False))


@net("llama", ("int", 65, (1, 8)), warm=False)  # rotary places, grouped heads, RMS norm, SwiGLU
def _(torch, nn):
    d, heads, groups, words = 32, 4, 2, 65
    h = d // heads

    class Norm(nn.Module):
        def __init__(self):
            super().__init__()
            self.w = nn.Parameter(torch.ones(d))

        def forward(self, x):
            return self.w * (x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6))

    class Layer(nn.Module):
        def __init__(self):
            super().__init__()
            lin = lambda i, o: nn.Linear(i, o, bias=False)  # noqa: E731
            self.q, self.k, self.v, self.o = lin(d, d), lin(d, groups * h), lin(d, groups * h), lin(d, d)
            self.gate, self.up, self.down, self.n, self.m = lin(d, 64), lin(d, 64), lin(64, d), Norm(), Norm()
            self.register_buffer("inv", 1 / 10000 ** (torch.arange(0, h, 2).float() / h))

        def forward(self, x):
            b, t, _ = x.shape
            f = torch.arange(t, device=x.device).float()[:, None] * self.inv[None]
            e = torch.cat([f, f], -1)
            turn = lambda y: y * e.cos() + torch.cat([-y[..., h // 2:], y[..., :h // 2]], -1) * e.sin()  # noqa: E731
            y = self.n(x)
            q, k, v = (p(y).view(b, t, -1, h).transpose(1, 2) for p in (self.q, self.k, self.v))
            q, k = turn(q), turn(k)
            k, v = k.repeat_interleave(heads // groups, 1), v.repeat_interleave(heads // groups, 1)
            mask = torch.full((t, t), torch.finfo(x.dtype).min).triu(1)
            s = (q @ k.transpose(2, 3) / h ** .5 + mask).softmax(-1, dtype=torch.float32)
            x = x + self.o((s @ v).transpose(1, 2).reshape(b, t, d))
            y = self.m(x)
            return x + self.down(nn.functional.silu(self.gate(y)) * self.up(y))

    return module(nn, lambda m, i: m.out(m.n(m.layers(m.w(i)))), w=nn.Embedding(words, d), layers=nn.Sequential(Layer(), Layer()), n=Norm(), out=nn.Linear(d, words, bias=False))


@net("swin window attention", (1, 3, 16, 16))
def _(torch, nn):
    def f(m, x):
        x = m.patch(x).permute(0, 2, 3, 1)  # 1 8 8 16
        x = torch.roll(x, (-2, -2), (1, 2))
        w = x.view(-1, 2, 4, 2, 4, 16).permute(0, 1, 3, 2, 4, 5).reshape(-1, 16, 16)
        n = m.n(w)
        w = w + m.a(n, n, n, need_weights=False)[0]
        x = w.view(-1, 2, 2, 4, 4, 16).permute(0, 1, 3, 2, 4, 5).reshape(-1, 8, 8, 16)
        return m.out(torch.roll(x, (2, 2), (1, 2)).mean((1, 2)))
    return module(nn, f, patch=nn.Conv2d(3, 16, 2, 2), n=nn.LayerNorm(16), a=nn.MultiheadAttention(16, 2, batch_first=True), out=nn.Linear(16, 5))


@net("mixer", (1, 3, 16, 16))
def _(torch, nn):
    def f(m, x):
        x = m.patch(x).flatten(2).transpose(1, 2)
        x = x + m.t(m.n(x).transpose(1, 2)).transpose(1, 2)
        return m.out((x + m.c(m.m(x))).mean(1))
    two = lambda i, h: nn.Sequential(nn.Linear(i, h), nn.GELU(), nn.Linear(h, i))  # noqa: E731
    return module(nn, f, patch=nn.Conv2d(3, 24, 4, 4), n=nn.LayerNorm(24), m=nn.LayerNorm(24), t=two(16, 32), c=two(24, 48), out=nn.Linear(24, 5))


@net("experts", (1, 16))  # the two best of four, by their gates
def _(torch, nn):
    def f(m, x):
        g, i = torch.topk(m.gate(x), 2)
        all_ = torch.stack([e(x) for e in m.e], 1)
        y = torch.gather(all_, 1, i[..., None].expand(-1, -1, 16))
        return (g.softmax(-1)[..., None] * y).sum(1)
    return module(nn, f, gate=nn.Linear(16, 4), e=nn.ModuleList([nn.Sequential(nn.Linear(16, 32), nn.ReLU(), nn.Linear(32, 16)) for _ in range(4)]))


# recurrent

def last(nn, cell, out, both=False):
    return module(nn, lambda m, x: m.out(m.r(x)[0][:, -1]), r=cell, out=out)


net("lstm batch dims", (1, 10, 3), exporters=(False,), dynamic_axes={"x": {0: "batch_size"}})(lambda torch, nn: last(nn, nn.LSTM(3, 16, 2, batch_first=True, dropout=.2), nn.Linear(16, 1)))
net("lstm both ways", (1, 8, 3))(lambda torch, nn: last(nn, nn.LSTM(3, 12, 1, batch_first=True, bidirectional=True), nn.Linear(24, 1)))
net("lstm time first", (8, 1, 3), warm=False)(lambda torch, nn: module(nn, lambda m, x: m.out(m.r(x)[0][-1]), r=nn.LSTM(3, 16), out=nn.Linear(16, 2)))
net("gru both ways", (1, 8, 3))(lambda torch, nn: last(nn, nn.GRU(3, 12, 2, batch_first=True, bidirectional=True), nn.Linear(24, 1)))
net("lstm states", (1, 4, 3), (1, 1, 12), (1, 1, 12), warm=False)(lambda torch, nn: module(nn, lambda m, x, h, c: m.r(x, (h, c)), r=nn.LSTM(3, 12, batch_first=True)))


@net("lstm cells", (1, 6, 3))
def _(torch, nn):
    def f(m, x):
        h = torch.zeros(x.size(0), 12)
        c = torch.zeros(x.size(0), 12)
        for t in range(6):
            h, c = m.c(x[:, t], (h, c))
        return m.out(h)
    return module(nn, f, c=nn.LSTMCell(3, 12), out=nn.Linear(12, 1))


@net("gru attention", (1, 10, 4))
def _(torch, nn):
    def f(m, x):
        y, _ = m.r(x)
        return m.out((m.a(y).softmax(1) * y).sum(1))
    return module(nn, f, r=nn.GRU(4, 16, batch_first=True), a=nn.Linear(16, 1), out=nn.Linear(16, 3))


@net("cnn lstm", (1, 12, 4))
def _(torch, nn):
    def f(m, x):
        y = m.p(m.c(x.transpose(1, 2)).relu()).transpose(1, 2)
        return m.out(m.r(y)[1][0][-1])
    return module(nn, f, c=nn.Conv1d(4, 16, 3, padding=1), p=nn.MaxPool1d(2), r=nn.LSTM(16, 16, batch_first=True), out=nn.Linear(16, 1))


@net("words lstm", ("int", 50, (1, 10)), warm=False)
def _(torch, nn):
    return module(nn, lambda m, x: torch.sigmoid(m.out(m.r(m.e(x))[1][0][-1])), e=nn.Embedding(50, 8, padding_idx=0), r=nn.LSTM(8, 16, batch_first=True), out=nn.Linear(16, 1))


@net("n-beats", (1, 24))
def _(torch, nn):
    def f(m, x):
        y = 0
        for b in m.b:
            t = b(x)
            x, y = x - t[:, :24], y + t[:, 24:]
        return y
    return module(nn, f, b=nn.ModuleList([nn.Sequential(nn.Linear(24, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 30)) for _ in range(3)]))


@net("wavenet", (1, 16, 2))
def _(torch, nn):
    def f(m, x):
        x, skip = m.i(x.transpose(1, 2)), 0
        for k, c in enumerate(m.c):
            a, b = c(nn.functional.pad(x, (2 ** k, 0))).chunk(2, 1)
            z = torch.tanh(a) * torch.sigmoid(b)
            skip, x = skip + z, x + m.r[k](z)
        return m.out(skip.relu())[:, :, -1]
    return module(nn, f, i=nn.Conv1d(2, 8, 1), c=nn.ModuleList([nn.Conv1d(8, 16, 2, dilation=2 ** k) for k in range(3)]), r=nn.ModuleList([nn.Conv1d(8, 8, 1) for _ in range(3)]), out=nn.Conv1d(8, 1, 1))


# images

def vision(name, size, classes=10, **options):
    def build(torch, nn):
        import torchvision
        return getattr(torchvision.models, name)(weights=None, num_classes=classes, **options)
    return net("torchvision " + name, (1, 3, size, size), exporters=(False,), samples=7)(build)


vision("mobilenet_v2", 64, width_mult=.25)
vision("mobilenet_v3_small", 64)
vision("shufflenet_v2_x0_5", 64)
vision("squeezenet1_1", 64)
vision("mnasnet0_5", 64)
vision("resnet18", 32)


@net("densenet", (1, 3, 32, 32))
def _(torch, nn):
    import torchvision
    return torchvision.models.DenseNet(8, (2, 2, 2), 16, num_classes=10)


@net("convnext block", (1, 16, 8, 8))
def _(torch, nn):
    def f(m, x):
        y = m.n(m.d(x).permute(0, 2, 3, 1))
        return x + (m.s * m.b(nn.functional.gelu(m.a(y)))).permute(0, 3, 1, 2)
    return module(nn, f, d=nn.Conv2d(16, 16, 7, padding=3, groups=16), n=nn.LayerNorm(16, eps=1e-6), a=nn.Linear(16, 64), b=nn.Linear(64, 16), s=nn.Parameter(.1 * torch.ones(16)))


@net("efficient block", (1, 8, 12, 12))
def _(torch, nn):
    act = nn.SiLU
    return Residual(nn, nn.Sequential(nn.Conv2d(8, 32, 1, bias=False), nn.BatchNorm2d(32), act(), nn.Conv2d(32, 32, 5, padding=2, groups=32, bias=False), nn.BatchNorm2d(32), act(),
                                      Squeeze(nn, 32), nn.Conv2d(32, 8, 1, bias=False), nn.BatchNorm2d(8)), True)


@net("inception", (1, 3, 16, 16))
def _(torch, nn):
    return module(nn, lambda m, x: torch.cat([m.a(x), m.b(x), m.c(x), nn.functional.avg_pool2d(x, 3, 1, 1)], 1).mean((2, 3)),
                  a=nn.Conv2d(3, 8, 1), b=nn.Sequential(nn.Conv2d(3, 4, 1), nn.ReLU(), nn.Conv2d(4, 8, (1, 5), padding=(0, 2)), nn.Conv2d(8, 8, (5, 1), padding=(2, 0))), c=nn.Sequential(nn.MaxPool2d(3, 1, 1), nn.Conv2d(3, 8, 1)))


@net("cbam", (1, 8, 8, 8))
def _(torch, nn):
    def f(m, x):
        a, b = nn.functional.adaptive_avg_pool2d(x, 1).flatten(1), nn.functional.adaptive_max_pool2d(x, 1).flatten(1)
        x = x * torch.sigmoid(m.f(a) + m.f(b))[..., None, None]
        return x * torch.sigmoid(m.c(torch.cat([x.mean(1, keepdim=True), x.max(1, keepdim=True)[0]], 1)))
    return module(nn, f, f=nn.Sequential(nn.Linear(8, 4), nn.ReLU(), nn.Linear(4, 8)), c=nn.Conv2d(2, 1, 7, padding=3))


@net("adaptive pools", (1, 4, 11, 9))
def _(torch, nn):
    return nn.Sequential(nn.Conv2d(4, 8, 3), nn.LeakyReLU(.1), nn.AdaptiveAvgPool2d((3, 7)), nn.PReLU(8), nn.Flatten(), nn.Linear(168, 4))


@net("convolutional autoencoder", (1, 1, 16, 16))
def _(torch, nn):
    return nn.Sequential(nn.Conv2d(1, 8, 3, 2, 1), nn.ReLU(), nn.Conv2d(8, 16, 3, 2, 1), nn.ReLU(), nn.ConvTranspose2d(16, 8, 3, 2, 1, output_padding=1), nn.ReLU(),
                         nn.ConvTranspose2d(8, 1, 3, 2, 1, output_padding=1), nn.Sigmoid())


@net("vae", (1, 1, 16, 16), (1, 8), warm=False)  # the noise is an input
def _(torch, nn):
    def f(m, x, e):
        h = m.e(x)
        mu, logvar = m.mu(h), m.lv(h)
        z = mu + e * torch.exp(.5 * logvar)
        return m.d(z).view(-1, 1, 16, 16), mu, logvar, -.5 * (1 + logvar - mu.pow(2) - logvar.exp()).sum()
    return module(nn, f, e=nn.Sequential(nn.Flatten(), nn.Linear(256, 64), nn.ReLU()), mu=nn.Linear(64, 8), lv=nn.Linear(64, 8), d=nn.Sequential(nn.Linear(8, 64), nn.ReLU(), nn.Linear(64, 256), nn.Sigmoid()))


@net("gan generator", (1, 16))
def _(torch, nn):
    return nn.Sequential(nn.Linear(16, 256), nn.Unflatten(1, (16, 4, 4)), nn.BatchNorm2d(16), nn.ReLU(), nn.ConvTranspose2d(16, 8, 4, 2, 1, bias=False), nn.BatchNorm2d(8), nn.ReLU(), nn.ConvTranspose2d(8, 1, 4, 2, 1), nn.Tanh())


@net("style transfer", (1, 3, 16, 16))
def _(torch, nn):
    c = lambda i, o, k, s: nn.Sequential(nn.ReflectionPad2d(k // 2), nn.Conv2d(i, o, k, s), nn.InstanceNorm2d(o, affine=True))  # noqa: E731
    return nn.Sequential(c(3, 8, 5, 1), nn.ReLU(), c(8, 16, 3, 2), nn.ReLU(), Residual(nn, nn.Sequential(c(16, 16, 3, 1), nn.ReLU(), c(16, 16, 3, 1)), True),
                         nn.Upsample(scale_factor=2), c(16, 8, 3, 1), nn.ReLU(), nn.ReflectionPad2d(2), nn.Conv2d(8, 3, 5))


@net("super resolution", (1, 1, 10, 10))
def _(torch, nn):
    return nn.Sequential(nn.Conv2d(1, 16, 5, padding=2), nn.Tanh(), nn.Conv2d(16, 9, 3, padding=1), nn.PixelShuffle(3), nn.Hardtanh(0, 1))


@net("group norms", (1, 8, 8, 8))
def _(torch, nn):
    return nn.Sequential(nn.Conv2d(8, 16, 3, padding=1), nn.GroupNorm(4, 16), nn.Mish(), nn.Conv2d(16, 16, 3, padding=1), nn.InstanceNorm2d(16), nn.CELU(), nn.LocalResponseNorm(3), nn.Softplus(), nn.LPPool2d(2, 2))


@net("spatial transformer", (1, 1, 12, 12), samples=20)
def _(torch, nn):
    def f(m, x):
        theta = m.loc(x).view(-1, 2, 3) * .1 + torch.tensor([[1., 0, 0], [0, 1., 0]])
        g = nn.functional.affine_grid(theta, x.size(), align_corners=False)
        return m.out(nn.functional.grid_sample(x, g, align_corners=False).flatten(1))
    return module(nn, f, loc=nn.Sequential(nn.Flatten(), nn.Linear(144, 6), nn.Tanh()), out=nn.Linear(144, 3))


@net("yolo head", (1, 16, 4, 4))
def _(torch, nn):
    places = torch.stack(torch.meshgrid(torch.arange(4.), torch.arange(4.), indexing="xy"), -1).view(1, 1, 4, 4, 2)
    sizes = torch.tensor([[1.2, 2.], [3., 1.5]]).view(1, 2, 1, 1, 2)

    def f(m, x):
        y = m.c(x).view(-1, 2, 8, 4, 4).permute(0, 1, 3, 4, 2)
        xy, wh, rest = y.sigmoid().split((2, 2, 4), 4)
        return torch.cat([(xy * 2 + places - .5) * 8, (wh * 2) ** 2 * sizes, rest], 4).view(-1, 32, 8)
    return module(nn, f, c=nn.Conv2d(16, 16, 1))


@net("segmentation labels", (1, 3, 16, 16))
def _(torch, nn):
    def f(m, x):
        y = nn.functional.interpolate(m.b(m.a(x).relu()), size=(16, 16), mode="bilinear", align_corners=True)
        return y.argmax(1), y.log_softmax(1)
    return module(nn, f, a=nn.Conv2d(3, 8, 3, 2, 1), b=nn.Conv2d(8, 4, 1))


@net("face embedding", (1, 3, 16, 16))
def _(torch, nn):
    return module(nn, lambda m, x: nn.functional.normalize(m.b(x)), b=nn.Sequential(nn.Conv2d(3, 8, 3, 2), nn.PReLU(8), nn.BatchNorm2d(8), nn.Flatten(), nn.Linear(392, 16), nn.BatchNorm1d(16)))


@net("siamese", (1, 3, 8, 8), (1, 3, 8, 8), warm=False)
def _(torch, nn):
    b = nn.Sequential(nn.Conv2d(3, 8, 3, 2), nn.ReLU(), nn.Flatten(), nn.Linear(72, 16))
    return module(nn, lambda m, x, y: (nn.functional.cosine_similarity(m.b(x), m.b(y)), nn.functional.pairwise_distance(m.b(x), m.b(y))), b=b)


# policies, tables, graphs

@net("dqn atari", (1, 4, 84, 84), samples=7)
def _(torch, nn):
    return nn.Sequential(nn.Conv2d(4, 16, 8, 4), nn.ReLU(), nn.Conv2d(16, 32, 4, 2), nn.ReLU(), nn.Flatten(), nn.Linear(2592, 256), nn.ReLU(), nn.Linear(256, 6))


@net("dueling dqn", (1, 8))
def _(torch, nn):
    def f(m, x):
        h = m.b(x)
        v, a = m.v(h), m.a(h)
        q = v + a - a.mean(1, keepdim=True)
        return q, q.argmax(1)
    return module(nn, f, b=nn.Sequential(nn.Linear(8, 64), nn.ReLU()), v=nn.Linear(64, 1), a=nn.Linear(64, 4))


@net("actor critic", (1, 11))
def _(torch, nn):
    def f(m, x):
        h = m.b(x)
        return m.p(h).softmax(-1), m.v(h)
    return module(nn, f, b=nn.Sequential(nn.Linear(11, 64), nn.Tanh(), nn.Linear(64, 64), nn.Tanh()), p=nn.Linear(64, 5), v=nn.Linear(64, 1))


@net("gaussian policy", (1, 11), (1, 3), warm=False)
def _(torch, nn):
    def f(m, x, e):
        h = m.b(x)
        mean, s = m.p(h), torch.clamp(m.s(h), -20, 2)
        u = mean + s.exp() * e
        logp = (-.5 * e ** 2 - s - .9189385).sum(-1) - (2 * (.6931472 - u - nn.functional.softplus(-2 * u))).sum(-1)
        return torch.tanh(u), logp
    return module(nn, f, b=nn.Sequential(nn.Linear(11, 64), nn.ReLU()), p=nn.Linear(64, 3), s=nn.Linear(64, 3))


@net("factorisation machine", ("int", 20, (1, 4)), (1, 6), warm=False)
def _(torch, nn):
    def f(m, i, x):
        e = torch.stack([t(i[:, k]) for k, t in enumerate(m.e)], 1)
        second = .5 * (e.sum(1) ** 2 - (e ** 2).sum(1)).sum(1, keepdim=True)
        return torch.sigmoid(m.w(x) + second + m.deep(torch.cat([e.flatten(1), x], 1)))
    return module(nn, f, e=nn.ModuleList([nn.Embedding(20, 4) for _ in range(4)]), w=nn.Linear(6, 1), deep=nn.Sequential(nn.Linear(22, 16), nn.ReLU(), nn.Linear(16, 1)))


@net("matrix factorisation", ("int", 30, (1,)), ("int", 40, (1,)), warm=False)
def _(torch, nn):
    return module(nn, lambda m, u, i: (m.u(u) * m.i(i)).sum(1) + m.b(i)[:, 0], u=nn.Embedding(30, 8), i=nn.Embedding(40, 8), b=nn.Embedding(40, 1))


@net("graph convolutions", (1, 6, 5), lambda r: (lambda a: (a + a.T > 0).astype(np.float32) * (1 - np.eye(6, dtype=np.float32)) + np.eye(6, dtype=np.float32))((r.random((6, 6)) > .7).astype(np.float32)), warm=False, samples=40)
def _(torch, nn):
    def f(m, x, a):
        s = a.sum(-1).pow(-.5)
        a = s[:, None] * a * s[None]
        return (a @ m.b((a @ m.a(x)).relu())).mean(1)
    return module(nn, f, a=nn.Linear(5, 16), b=nn.Linear(16, 3))


@net("point net", (1, 3, 32), warm=True)
def _(torch, nn):
    return module(nn, lambda m, x: m.h(m.c(x).max(2)[0]), c=nn.Sequential(nn.Conv1d(3, 16, 1), nn.BatchNorm1d(16), nn.ReLU(), nn.Conv1d(16, 32, 1), nn.BatchNorm1d(32)), h=nn.Sequential(nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 4), nn.LogSoftmax(-1)))


@net("radiance field", (1, 3))
def _(torch, nn):
    def f(m, x):
        p = torch.cat([g(2.0 ** k * x) for k in range(4) for g in (torch.sin, torch.cos)], -1)
        y = m.b(p)
        return torch.cat([torch.sigmoid(y[..., :3]), nn.functional.softplus(y[..., 3:])], -1)
    return module(nn, f, b=nn.Sequential(nn.Linear(24, 32), nn.ReLU(), nn.Linear(32, 4)))


@net("gated table", (1, 12))
def _(torch, nn):
    return nn.Sequential(nn.BatchNorm1d(12), nn.Linear(12, 32), nn.GLU(), nn.LayerNorm(16), nn.Linear(16, 32), nn.GLU(), nn.Linear(16, 1), nn.ELU())


@net("bilinear", (1, 6), (1, 5), warm=False)
def _(torch, nn):
    return module(nn, lambda m, x, y: m.b(x, y), b=nn.Bilinear(6, 5, 4))


@net("radial basis", (1, 4))
def _(torch, nn):
    return module(nn, lambda m, x: m.o(torch.exp(-torch.cdist(x, m.c) ** 2)), c=nn.Parameter(torch.randn(10, 4)), o=nn.Linear(10, 2))


@net("splines", (1, 4))  # a Kolmogorov-Arnold layer with hat functions
def _(torch, nn):
    return module(nn, lambda m, x: torch.einsum("bik,iko->bo", (1 - (x[..., None] - m.g).abs()).clamp(min=0), m.w), g=nn.Parameter(torch.linspace(-2, 2, 5)), w=nn.Parameter(torch.randn(4, 5, 3)))


@net("neural ode", (1, 4))
def _(torch, nn):
    def f(m, x):
        h = .25
        for _ in range(4):
            a = m.f(x)
            b = m.f(x + h / 2 * a)
            c = m.f(x + h / 2 * b)
            x = x + h / 6 * (a + 2 * b + 2 * c + m.f(x + h * c))
        return x
    return module(nn, f, f=nn.Sequential(nn.Linear(4, 16), nn.Tanh(), nn.Linear(16, 4)))
