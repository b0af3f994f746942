"""Networks of the size that people bring, for bench/zoo.py: CASES, by name, a function that gives (model bytes, list of samples).

PyTorch models have random weights, batch normalisation has statistics of a few batches, and both of PyTorch's exporters are used.
Classical models are trained.
"""
import io, tempfile, os, warnings

import numpy as np

warnings.filterwarnings("ignore")
CASES = {}


def network(name, shape, samples=12, dynamo=False, positive=False, smooth=True):
    """Registers a function that gives a torch module whose input has a shape."""
    def register(build):
        def make():
            import torch
            torch.manual_seed(len(name))
            net = build(torch, torch.nn)
            r = np.random.default_rng(1)
            draw = lambda n: torch.from_numpy(images(r, (n, *shape[1:])) if len(shape) == 4 else series(r, (n, *shape[1:])))  # noqa: E731
            net.train()
            with torch.no_grad():
                for _ in range(3):
                    net(draw(8))
            net.eval()
            model = export(torch, net, draw(1), dynamo)
            return model, [{"x": draw(1).numpy()} for _ in range(samples)]
        CASES[name] = make
        return build
    return register


def export(torch, net, x, dynamo, **more):
    with tempfile.TemporaryDirectory() as d:
        path = os.path.join(d, "a.onnx")
        torch.onnx.export(net, (x,) if not isinstance(x, tuple) else x, path, input_names=more.pop("names", ["x"]), dynamo=dynamo, verbose=False, **more)
        if os.path.exists(path + ".data"):
            import onnx
            return onnx.load(path).SerializeToString()
        return open(path, "rb").read()


def images(r, shape):
    """Smooth random images, normalised as pictures are."""
    n, c, h, w = shape
    k = max(4, h // 8)
    low = r.normal(size=(n, c, k, k))
    rows, cols = np.linspace(0, k - 1, h), np.linspace(0, k - 1, w)
    i, j = np.minimum(rows.astype(int), k - 2), np.minimum(cols.astype(int), k - 2)
    fi, fj = (rows - i)[:, None], (cols - j)[None, :]
    at = lambda a, b: low[:, :, i + a][:, :, :, j + b]  # noqa: E731
    x = (1 - fi) * (1 - fj) * at(0, 0) + (1 - fi) * fj * at(0, 1) + fi * (1 - fj) * at(1, 0) + fi * fj * at(1, 1)
    return np.clip(x + .1 * r.normal(size=shape), -2.2, 2.6).astype(np.float32)


def series(r, shape):
    """Seasons, a trend and noise."""
    n = shape[0]
    steps = shape[1] if len(shape) > 2 else 1
    t = np.arange(steps)[None, :, None]
    features = shape[-1]
    x = np.sin(2 * np.pi * t / r.uniform(6, 30, (n, 1, features)) + r.uniform(0, 6, (n, 1, features))) + .02 * t * r.normal(size=(n, 1, features))
    x = x + .2 * r.normal(size=x.shape)
    return (x if len(shape) > 2 else x[:, 0] * 1.0).astype(np.float32)


# images

def block(nn, i, o, stride, act, expand=4, squeeze=False):
    m = i * expand
    layers = [nn.Conv2d(i, m, 1, bias=False), nn.BatchNorm2d(m), act(), nn.Conv2d(m, m, 3, stride, 1, groups=m, bias=False), nn.BatchNorm2d(m), act()]
    if squeeze:
        layers.append(Squeeze(nn, m))
    layers += [nn.Conv2d(m, o, 1, bias=False), nn.BatchNorm2d(o)]
    return Residual(nn, nn.Sequential(*layers), i == o and stride == 1)


def Squeeze(nn, c):
    class M(nn.Module):
        def __init__(self):
            super().__init__()
            self.f = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(c, max(4, c // 4), 1), nn.ReLU(), nn.Conv2d(max(4, c // 4), c, 1), nn.Hardsigmoid())

        def forward(self, x):
            return x * self.f(x)
    return M()


def Residual(nn, body, add, act=None):
    class M(nn.Module):
        def __init__(self):
            super().__init__()
            self.body, self.act = body, act

        def forward(self, x):
            y = self.body(x)
            y = x + y if add else y
            return self.act(y) if self.act else y
    return M()


def age(act, squeeze, expand=4):
    def build(torch, nn):
        return nn.Sequential(
            nn.Conv2d(3, 16, 3, 2, 1, bias=False), nn.BatchNorm2d(16), act(nn)(),
            block(nn, 16, 16, 1, act(nn), expand, squeeze), block(nn, 16, 24, 2, act(nn), expand, squeeze), block(nn, 24, 24, 1, act(nn), expand, squeeze),
            block(nn, 24, 40, 2, act(nn), expand, squeeze), block(nn, 40, 40, 1, act(nn), expand, squeeze), block(nn, 40, 80, 2, act(nn), expand, squeeze),
            nn.Conv2d(80, 128, 1, bias=False), nn.BatchNorm2d(128), act(nn)(),
            nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(128, 64), nn.ReLU(), nn.Dropout(.2), nn.Linear(64, 1), Scale(nn, 20, 35))
    return build


def Scale(nn, k, m):
    class M(nn.Module):
        def forward(self, x):
            return x * k + m
    return M()


network("age 112 relu6", (1, 3, 112, 112))(age(lambda nn: nn.ReLU6, False))
network("age 64 hardswish", (1, 3, 64, 64))(age(lambda nn: nn.Hardswish, True))
network("age 64 hardswish dynamo", (1, 3, 64, 64), dynamo=True)(age(lambda nn: nn.Hardswish, True))
network("age 64 silu", (1, 3, 64, 64))(age(lambda nn: nn.SiLU, False))


@network("age plain 64", (1, 3, 64, 64))  # no depthwise layers, 21 M multiply-adds
def _(torch, nn):
    c = lambda i, o, s: nn.Sequential(nn.Conv2d(i, o, 3, s, 1), nn.BatchNorm2d(o), nn.ReLU())  # noqa: E731
    return nn.Sequential(c(3, 16, 1), nn.MaxPool2d(2), c(16, 32, 1), nn.MaxPool2d(2), c(32, 48, 1), nn.MaxPool2d(2), c(48, 96, 1), nn.MaxPool2d(2),
                         nn.Flatten(), nn.Linear(96 * 16, 128), nn.ReLU(), nn.Linear(128, 1), Scale(nn, 10, 35))


def basic(nn, i, o, s):
    body = nn.Sequential(nn.Conv2d(i, o, 3, s, 1, bias=False), nn.BatchNorm2d(o), nn.ReLU(), nn.Conv2d(o, o, 3, 1, 1, bias=False), nn.BatchNorm2d(o))
    if i == o and s == 1:
        return Residual(nn, body, True, nn.ReLU())

    class M(nn.Module):
        def __init__(self):
            super().__init__()
            self.body, self.down = body, nn.Sequential(nn.Conv2d(i, o, 1, s, bias=False), nn.BatchNorm2d(o))

        def forward(self, x):
            return (self.body(x) + self.down(x)).relu()
    return M()


@network("resnet 8", (1, 3, 32, 32))
def resnet(torch, nn):
    return nn.Sequential(nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU(), basic(nn, 16, 16, 1), basic(nn, 16, 32, 2), basic(nn, 32, 64, 2),
                         nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))


network("resnet 8 dynamo", (1, 3, 32, 32), dynamo=True)(resnet)


@network("resnet 20 softmax", (1, 3, 32, 32))
def _(torch, nn):
    stage = lambda i, o, s: [basic(nn, i, o, s), basic(nn, o, o, 1), basic(nn, o, o, 1)]  # noqa: E731
    return nn.Sequential(nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU(), *stage(16, 16, 1), *stage(16, 32, 2), *stage(32, 64, 2),
                         nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10), nn.Softmax(1))


@network("vgg 7", (1, 3, 32, 32))
def _(torch, nn):
    c = lambda i, o: [nn.Conv2d(i, o, 3, 1, 1), nn.BatchNorm2d(o), nn.ReLU()]  # noqa: E731
    return nn.Sequential(*c(3, 32), *c(32, 32), nn.MaxPool2d(2), *c(32, 64), *c(64, 64), nn.MaxPool2d(2), *c(64, 96), nn.MaxPool2d(2),
                         nn.Flatten(), nn.Linear(96 * 16, 256), nn.ReLU(), nn.Dropout(), nn.Linear(256, 10))


def unet(up):
    def build(torch, nn):
        c = lambda i, o: nn.Sequential(nn.Conv2d(i, o, 3, 1, 1), nn.BatchNorm2d(o), nn.ReLU(), nn.Conv2d(o, o, 3, 1, 1), nn.BatchNorm2d(o), nn.ReLU())  # noqa: E731

        class M(nn.Module):
            def __init__(self):
                super().__init__()
                self.a, self.b, self.m, self.pool = c(3, 8), c(8, 16), c(16, 32), nn.MaxPool2d(2)
                if up == "transpose":
                    self.u, self.v = nn.ConvTranspose2d(32, 16, 2, 2), nn.ConvTranspose2d(16, 8, 2, 2)
                else:
                    f = nn.Upsample(scale_factor=2, mode=up, **({} if up == "nearest" else {"align_corners": False}))
                    self.u, self.v = nn.Sequential(f, nn.Conv2d(32, 16, 1)), nn.Sequential(f, nn.Conv2d(16, 8, 1))
                self.d, self.e, self.out = c(32, 16), c(16, 8), nn.Conv2d(8, 2, 1)

            def forward(self, x):
                a = self.a(x)
                b = self.b(self.pool(a))
                m = self.m(self.pool(b))
                d = self.d(torch.cat([self.u(m), b], 1))
                return torch.sigmoid(self.out(self.e(torch.cat([self.v(d), a], 1))))
        return M()
    return build


network("unet transpose", (1, 3, 32, 32))(unet("transpose"))
network("unet bilinear", (1, 3, 32, 32))(unet("bilinear"))
network("unet nearest dynamo", (1, 3, 32, 32), dynamo=True)(unet("nearest"))


# series

def recurrent(kind, hidden, layers, features, both=False):
    def build(torch, nn):
        class M(nn.Module):
            def __init__(self):
                super().__init__()
                self.rnn = getattr(nn, kind)(features, hidden, layers, batch_first=True, bidirectional=both)
                self.out = nn.Linear(hidden * (1 + both), 1)

            def forward(self, x):
                return self.out(self.rnn(x)[0][:, -1])
        return M()
    return build


network("lstm 24 steps", (1, 24, 8))(recurrent("LSTM", 64, 2, 8))
network("lstm 96 steps", (1, 96, 4))(recurrent("LSTM", 32, 2, 4))
network("lstm 48 steps dynamo", (1, 48, 4), dynamo=True)(recurrent("LSTM", 32, 2, 4))
network("lstm bidirectional", (1, 24, 4))(recurrent("LSTM", 32, 2, 4, True))
network("gru 48 steps", (1, 48, 6))(recurrent("GRU", 48, 2, 6))
network("gru 24 steps dynamo", (1, 24, 6), dynamo=True)(recurrent("GRU", 32, 2, 6))
network("rnn 48 steps", (1, 48, 4))(recurrent("RNN", 32, 2, 4))


@network("temporal convolutions", (1, 96, 4))
def _(torch, nn):
    class M(nn.Module):
        def __init__(self):
            super().__init__()
            self.c = nn.Sequential(*[nn.Sequential(nn.Conv1d(4 if k == 0 else 32, 32, 3, padding=2 ** k, dilation=2 ** k), nn.ReLU()) for k in range(5)])
            self.out = nn.Linear(32, 1)

        def forward(self, x):
            return self.out(self.c(x.transpose(1, 2))[:, :, -1])
    return M()


# attention

def encoder(dynamo=False, norm_first=False, activation="gelu"):
    def build(torch, nn):
        class M(nn.Module):
            def __init__(self):
                super().__init__()
                self.e = nn.TransformerEncoderLayer(64, 4, 128, batch_first=True, norm_first=norm_first, activation=activation, dropout=0)
                self.out = nn.Linear(64, 5)

            def forward(self, x):
                return self.out(self.e(x).mean(1))
        return M()
    return build


network("encoder layer", (1, 32, 64))(encoder())
network("encoder layer dynamo", (1, 32, 64), dynamo=True)(encoder(norm_first=True, activation="relu"))


@network("multi-head attention", (1, 32, 64))
def mha(torch, nn):
    class M(nn.Module):
        def __init__(self):
            super().__init__()
            self.a = nn.MultiheadAttention(64, 8, batch_first=True)

        def forward(self, x):
            return self.a(x, x, x, need_weights=False)[0]
    return M()


network("multi-head attention dynamo", (1, 32, 64), dynamo=True)(mha)


@network("vision transformer", (1, 3, 32, 32))
def _(torch, nn):
    class M(nn.Module):
        def __init__(self):
            super().__init__()
            self.patch = nn.Conv2d(3, 48, 8, 8)
            self.cls, self.pos = nn.Parameter(torch.randn(1, 1, 48)), nn.Parameter(.1 * torch.randn(1, 17, 48))
            self.e = nn.TransformerEncoder(nn.TransformerEncoderLayer(48, 4, 96, batch_first=True, norm_first=True, activation="gelu", dropout=0), 2)
            self.norm, self.out = nn.LayerNorm(48), nn.Linear(48, 10)

        def forward(self, x):
            x = self.patch(x).flatten(2).transpose(1, 2)
            x = torch.cat([self.cls.expand(x.shape[0], -1, -1), x], 1) + self.pos
            return self.out(self.norm(self.e(x)[:, 0]))
    return M()


@network("autoencoder mlp", (1, 64))
def _(torch, nn):
    return nn.Sequential(nn.Linear(64, 24), nn.ReLU(), nn.Linear(24, 64))


@network("anomaly autoencoder", (1, 30))  # gives the error of each row
def _(torch, nn):
    class M(nn.Module):
        def __init__(self):
            super().__init__()
            self.f = nn.Sequential(nn.Linear(30, 16), nn.Tanh(), nn.Linear(16, 4), nn.ReLU(), nn.Linear(4, 16), nn.Tanh(), nn.Linear(16, 30))

        def forward(self, x):
            return ((x - self.f(x)) ** 2).mean(1)
    return M()


# classical models

def table(n=1500, features=20, seed=5):
    """Columns of very different sizes, a few of them integers."""
    r = np.random.default_rng(seed)
    x = r.normal(size=(n, features)) * 10.0 ** r.uniform(-2, 4, features) + r.normal(size=features) * 3
    x[:, :4] = r.integers(0, [2, 5, 12, 90], (n, 4))
    z = (x - x.mean(0)) / x.std(0)
    score = z[:, 4] * z[:, 5] + np.sin(2 * z[:, 6]) + .7 * z[:, 3] + .5 * (x[:, 1] == 2) + .2 * r.normal(size=n)
    return x.astype(np.float32), score, (score > 0).astype(int), np.digitize(score, [-.6, .6])


def learned(name, target, build, convert="sk"):
    def make():
        import classical
        x, score, two, three = table()
        y = {"score": score, "two": two, "three": three}[target]
        m = build()
        m.fit(x, y)
        if convert == "sk":
            import skl2onnx
            options = {id(m): {"score_samples": True}} if "forest of outliers" in name else None
            model = skl2onnx.to_onnx(m, x[:1], target_opset={"": 18, "ai.onnx.ml": 3}, options=options)
        else:
            model = getattr(classical.onnxmltools, "convert_" + convert)(m, initial_types=[("x", classical.FloatTensorType([None, x.shape[1]]))], target_opset=15)
        data = model.SerializeToString()
        return data, [{model.graph.input[0].name: row[None]} for row in x[:140]]
    CASES[name] = make


def lazily(module, name, *steps, **options):
    """A scikit-learn (or other) estimator by names, so that nothing is imported before it is needed."""
    def build():
        import importlib
        from sklearn.pipeline import make_pipeline
        m = getattr(importlib.import_module(module), name)(**options)
        return make_pipeline(*[s() for s in steps], m) if steps else m
    return build


scaler = lazily("sklearn.preprocessing", "StandardScaler")
imputer = lazily("sklearn.impute", "SimpleImputer")


def columns():
    from sklearn.compose import ColumnTransformer
    from sklearn.preprocessing import OneHotEncoder, RobustScaler, StandardScaler
    return ColumnTransformer([("one", OneHotEncoder(handle_unknown="ignore"), [0, 1, 2]), ("age", StandardScaler(), [3]), ("rest", RobustScaler(), list(range(4, 20)))])


BOOST = {"n_estimators": 100, "max_depth": 6}
learned("xgboost classifier 100x6", "two", lazily("xgboost", "XGBClassifier", **BOOST), "xgboost")
learned("xgboost three classes 100x6", "three", lazily("xgboost", "XGBClassifier", **BOOST), "xgboost")
learned("xgboost regressor 100x6", "score", lazily("xgboost", "XGBRegressor", **BOOST), "xgboost")
learned("lightgbm classifier 100x6", "two", lazily("lightgbm", "LGBMClassifier", verbose=-1, **BOOST), "lightgbm")
learned("lightgbm regressor 100x6", "score", lazily("lightgbm", "LGBMRegressor", verbose=-1, **BOOST), "lightgbm")
learned("lightgbm three classes 100x6", "three", lazily("lightgbm", "LGBMClassifier", verbose=-1, **BOOST), "lightgbm")
learned("gradient boosting 100x6", "two", lazily("sklearn.ensemble", "GradientBoostingClassifier", **BOOST))
learned("gradient boosting regressor 100x6", "score", lazily("sklearn.ensemble", "GradientBoostingRegressor", **BOOST))
learned("histogram boosting 100x6", "two", lazily("sklearn.ensemble", "HistGradientBoostingClassifier", max_iter=100, max_depth=6))
learned("random forest 100x8", "three", lazily("sklearn.ensemble", "RandomForestClassifier", n_estimators=100, max_depth=8))
learned("random forest regressor 100x8", "score", lazily("sklearn.ensemble", "RandomForestRegressor", n_estimators=100, max_depth=8))
learned("ada boost", "two", lazily("sklearn.ensemble", "AdaBoostClassifier", n_estimators=30))
learned("isolation forest 50", "score", lazily("sklearn.ensemble", "IsolationForest", n_estimators=50, random_state=0))
learned("k-means 8 scaled", "score", lazily("sklearn.cluster", "KMeans", scaler, n_clusters=8, n_init=2, random_state=0))
learned("k-means 8 raw", "score", lazily("sklearn.cluster", "KMeans", n_clusters=8, n_init=2, random_state=0))
learned("svr rbf scaled", "score", lazily("sklearn.svm", "SVR", scaler))
learned("svr rbf scaled C=100", "score", lazily("sklearn.svm", "SVR", scaler, C=100))
learned("svc rbf scaled", "three", lazily("sklearn.svm", "SVC", scaler))
learned("logistic regression scaled", "three", lazily("sklearn.linear_model", "LogisticRegression", scaler))
learned("logistic regression imputed", "two", lazily("sklearn.linear_model", "LogisticRegression", imputer, scaler))
learned("logistic regression columns", "two", lazily("sklearn.linear_model", "LogisticRegression", columns))
learned("xgboost-like columns", "two", lazily("sklearn.ensemble", "GradientBoostingClassifier", columns, n_estimators=50))
learned("mlp columns", "three", lazily("sklearn.neural_network", "MLPClassifier", columns, max_iter=60))
learned("linear regression raw", "score", lazily("sklearn.linear_model", "LinearRegression"))
learned("polynomial ridge", "score", lazily("sklearn.linear_model", "Ridge", scaler, lazily("sklearn.preprocessing", "PolynomialFeatures", degree=2)))
learned("naive bayes", "three", lazily("sklearn.naive_bayes", "GaussianNB"))
learned("nearest neighbours scaled", "two", lazily("sklearn.neighbors", "KNeighborsClassifier", scaler))
learned("gaussian process", "score", lazily("sklearn.gaussian_process", "GaussianProcessRegressor", scaler))
learned("linear discriminant", "three", lazily("sklearn.discriminant_analysis", "LinearDiscriminantAnalysis", scaler))
learned("pca logistic", "two", lazily("sklearn.linear_model", "LogisticRegression", scaler, lazily("sklearn.decomposition", "PCA", n_components=8)))
