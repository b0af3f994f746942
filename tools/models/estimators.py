"""More classical models for bench/zoo.py: pipelines of scikit-learn in all the forms that its converter has, ranks and boosters of three libraries.

CASES, by name, a function that gives (model bytes, list of samples).
"""
import numpy as np

import classical
from classical import FloatTensorType
from sklearn import (calibration, cluster, cross_decomposition, decomposition, discriminant_analysis, ensemble, feature_selection, gaussian_process, linear_model, mixture, multiclass,
                     multioutput, naive_bayes, neighbors, neural_network, preprocessing, random_projection, svm, tree)
from sklearn.compose import TransformedTargetRegressor
from sklearn.pipeline import make_pipeline, make_union

CASES = {}
REFUSED = {  # and what the message must hold
    "svc probability three": "train with probability=False", "gaussian process classifier two": "com.microsoft.Solve",
    "nearest two weighted": "divisor 0", "nearest three weighted": "divisor 0", "regression nearest weighted": "divisor 0",  # skl2onnx: -1 / distance
    "transform power": "+Inf", "transform quantile": "NaN",
}
TREES = {"n_estimators": 20, "max_depth": 4, "random_state": 0}


def rows(target):
    x, y = {"two": classical.CANCER, "three": classical.WINE, "number": classical.DIABETES}[target]
    order = np.random.default_rng(1).permutation(len(x))
    return x[order], y[order]


def fitted(name, model, target, options=None, dtype=np.float32, opset=None, counts=False, samples=60):
    def make():
        import skl2onnx
        x, y = rows(target)
        x = (np.floor(np.abs(x)) if counts else x).astype(dtype)
        m = model.fit(x[:-samples], y[:-samples])
        chosen = {id(m): options} if options else None
        proto = skl2onnx.to_onnx(m, x[:1], target_opset=opset or {"": 18, "ai.onnx.ml": 3}, options=chosen)
        return proto.SerializeToString(), [{"X": row[None]} for row in x[-samples:]]
    CASES[name] = make


scaled = lambda m: make_pipeline(preprocessing.StandardScaler(), m)  # noqa: E731
logistic = lambda: linear_model.LogisticRegression(max_iter=3000)  # noqa: E731

for two in ("two", "three"):
    fitted(f"logistic {two}", scaled(logistic()), two)
    fitted(f"logistic {two} no zipmap", scaled(logistic()), two, {"zipmap": False})
    fitted(f"logistic {two} columns", scaled(logistic()), two, {"zipmap": "columns"})
    fitted(f"logistic {two} double", scaled(logistic()), two, {"zipmap": False}, np.float64)
    fitted(f"logistic {two} scores", scaled(logistic()), two, {"raw_scores": True, "zipmap": False})
    fitted(f"gradient boosting {two} double", ensemble.GradientBoostingClassifier(**TREES), two, {"zipmap": False}, np.float64)
    fitted(f"forest {two} double opset 22", ensemble.RandomForestClassifier(**TREES), two, {"zipmap": False}, np.float64, {"": 22, "ai.onnx.ml": 5})
    fitted(f"forest {two} leaves", ensemble.RandomForestClassifier(n_estimators=5, max_depth=3, random_state=0), two, {"zipmap": False, "decision_path": False, "decision_leaf": True})
    fitted(f"nearest {two}", scaled(neighbors.KNeighborsClassifier(5)), two)
    fitted(f"nearest {two} weighted", scaled(neighbors.KNeighborsClassifier(3, weights="distance", metric="manhattan")), two, {"zipmap": False})
    fitted(f"naive bayes {two}", naive_bayes.GaussianNB(), two, {"zipmap": False})
    fitted(f"svc probability {two}", scaled(svm.SVC(probability=True, random_state=0)), two, {"zipmap": False})
    fitted(f"linear svc {two}", scaled(svm.LinearSVC()), two)
    fitted(f"nu svc {two}", scaled(svm.NuSVC(kernel="sigmoid", nu=.3)), two)
    fitted(f"ada boost {two}", ensemble.AdaBoostClassifier(n_estimators=10, random_state=0), two, {"zipmap": False})
    fitted(f"bagging {two}", ensemble.BaggingClassifier(scaled(logistic()), n_estimators=5, random_state=0), two, {"zipmap": False})
    fitted(f"voting soft {two}", ensemble.VotingClassifier([("a", scaled(logistic())), ("b", naive_bayes.GaussianNB()), ("c", tree.DecisionTreeClassifier(max_depth=4, random_state=0))], voting="soft"), two, {"zipmap": False})
    fitted(f"voting hard {two}", ensemble.VotingClassifier([("a", scaled(logistic())), ("b", naive_bayes.GaussianNB()), ("c", tree.DecisionTreeClassifier(max_depth=4, random_state=0))], voting="hard"), two)
    fitted(f"stacking {two}", ensemble.StackingClassifier([("a", scaled(logistic())), ("c", ensemble.RandomForestClassifier(**TREES))]), two, {"zipmap": False})
    fitted(f"perceptron {two}", scaled(linear_model.Perceptron(random_state=0)), two)
    fitted(f"calibrated {two}", calibration.CalibratedClassifierCV(scaled(svm.LinearSVC()), cv=2), two, {"zipmap": False})
    fitted(f"one against rest {two}", multiclass.OneVsRestClassifier(scaled(logistic())), two, {"zipmap": False})
    fitted(f"quadratic discriminant {two}", scaled(discriminant_analysis.QuadraticDiscriminantAnalysis(reg_param=.1)), two, {"zipmap": False})
    fitted(f"mlp {two}", scaled(neural_network.MLPClassifier((16,), max_iter=300, random_state=0)), two, {"zipmap": False})
    fitted(f"histogram boosting {two}", ensemble.HistGradientBoostingClassifier(max_iter=20), two, {"zipmap": False})
    fitted(f"extra trees {two}", ensemble.ExtraTreesClassifier(**TREES), two, {"zipmap": False})
    fitted(f"multinomial bayes {two}", naive_bayes.MultinomialNB(), two, {"zipmap": False}, counts=True)
    fitted(f"bernoulli bayes {two}", naive_bayes.BernoulliNB(binarize=2.), two, {"zipmap": False})
    fitted(f"complement bayes {two}", naive_bayes.ComplementNB(), two, {"zipmap": False}, counts=True)
    fitted(f"sgd modified huber {two}", scaled(linear_model.SGDClassifier(loss="modified_huber", random_state=0)), two, {"zipmap": False})
    fitted(f"ridge classifier {two}", scaled(linear_model.RidgeClassifier()), two)
    fitted(f"gaussian process classifier {two}", scaled(gaussian_process.GaussianProcessClassifier()), two, {"zipmap": False})

for name, k in {"rbf": gaussian_process.kernels.RBF(3.), "constant rbf white": 1.0 * gaussian_process.kernels.RBF(3.) + gaussian_process.kernels.WhiteKernel(),
                "matern": gaussian_process.kernels.Matern(3., nu=1.5), "quadratic": gaussian_process.kernels.RationalQuadratic(), "product": gaussian_process.kernels.DotProduct() + gaussian_process.kernels.RBF()}.items():
    fitted(f"gaussian process {name}", scaled(gaussian_process.GaussianProcessRegressor(k, alpha=1., normalize_y=True, optimizer=None)), "number", dtype=np.float64)
fitted("gaussian process deviation", gaussian_process.GaussianProcessRegressor(gaussian_process.kernels.RBF(.3), alpha=1., normalize_y=True, optimizer=None), "number", {"return_std": True}, np.float64)
for name, m in {"elastic": linear_model.ElasticNet(alpha=.01), "poisson": linear_model.PoissonRegressor(), "gamma": linear_model.GammaRegressor(), "huber": linear_model.HuberRegressor(), "bayesian ridge": linear_model.BayesianRidge(),
                "ransac": linear_model.RANSACRegressor(random_state=0), "svr": svm.SVR(C=50), "nu svr": svm.NuSVR(C=50), "forest": ensemble.RandomForestRegressor(**TREES), "boosting": ensemble.GradientBoostingRegressor(**TREES),
                "histogram boosting": ensemble.HistGradientBoostingRegressor(max_iter=20), "ada boost": ensemble.AdaBoostRegressor(n_estimators=8, random_state=0), "nearest": neighbors.KNeighborsRegressor(4), "nearest weighted": neighbors.KNeighborsRegressor(4, weights="distance"),
                "mlp": neural_network.MLPRegressor((16,), max_iter=300, random_state=0), "pls": cross_decomposition.PLSRegression(2), "bagging": ensemble.BaggingRegressor(n_estimators=5, random_state=0),
                "voting": ensemble.VotingRegressor([("a", linear_model.Ridge()), ("b", tree.DecisionTreeRegressor(max_depth=4))]), "stacking": ensemble.StackingRegressor([("a", linear_model.Ridge()), ("b", tree.DecisionTreeRegressor(max_depth=4))]),
                "quantile": linear_model.QuantileRegressor(alpha=.1), "tweedie": linear_model.TweedieRegressor(power=1.5)}.items():
    fitted("regression " + name, scaled(m), "number")
fitted("regression log target", TransformedTargetRegressor(scaled(linear_model.Ridge()), func=np.log1p, inverse_func=np.expm1), "number")
for name, t in {"pca": decomposition.PCA(3), "whitened": decomposition.PCA(3, whiten=True), "svd": decomposition.TruncatedSVD(3), "ica": decomposition.FastICA(3, random_state=0), "kernel pca": decomposition.KernelPCA(3, kernel="rbf", gamma=.05),
                "power": preprocessing.PowerTransformer(), "quantile": preprocessing.QuantileTransformer(n_quantiles=20), "bins": preprocessing.KBinsDiscretizer(4, encode="onehot-dense"), "ordinal bins": preprocessing.KBinsDiscretizer(4, encode="ordinal"),
                "poly": preprocessing.PolynomialFeatures(2), "max abs": preprocessing.MaxAbsScaler(), "normal": preprocessing.Normalizer("l1"), "best": feature_selection.SelectKBest(k=4), "union": make_union(decomposition.PCA(2), preprocessing.MinMaxScaler()),
                "projection": random_projection.GaussianRandomProjection(4, random_state=0)}.items():
    fitted("transform " + name, scaled(t), "three")
fitted("k-means", scaled(cluster.KMeans(3, n_init=2, random_state=0)), "three")
fitted("mini-batch k-means", scaled(cluster.MiniBatchKMeans(3, n_init=2, random_state=0)), "three")
fitted("mixture", scaled(mixture.GaussianMixture(3, random_state=0)), "three")
fitted("mixture diagonal", scaled(mixture.BayesianGaussianMixture(n_components=2, covariance_type="diag", random_state=0)), "three")
fitted("isolation forest", ensemble.IsolationForest(n_estimators=20, random_state=0), "three")
fitted("one class", scaled(svm.OneClassSVM(nu=.1)), "three")
fitted("local outliers", scaled(neighbors.LocalOutlierFactor(5, novelty=True)), "three")


def boosted(name, model, target, convert, **options):
    def make():
        x, y = rows(target)
        x = x.astype(np.float32)
        m = model()
        more = {"group": [200, len(x) - 260]} if "Ranker" in type(m).__name__ else {}
        if more:
            y = np.digitize(y, np.quantile(y, [.3, .7]))
        m.fit(x[:-60], y[:-60], **more)
        proto = convert(m, x.shape[1])
        return proto.SerializeToString(), [{proto.graph.input[0].name: row[None]} for row in x[-60:]]
    CASES[name] = make


def by(name, opset=15, **options):
    return lambda m, n: getattr(classical.onnxmltools, "convert_" + name)(m, initial_types=[("x", FloatTensorType([None, n]))], target_opset=opset, **options)


def cat(m, n):
    import onnx
    import tempfile, os
    with tempfile.TemporaryDirectory() as d:
        m.save_model(os.path.join(d, "a.onnx"), format="onnx")
        return onnx.load(os.path.join(d, "a.onnx"))


def lib(module, name, **options):
    import importlib
    return lambda: getattr(importlib.import_module(module), name)(**options)


B = {"n_estimators": 20, "max_depth": 4}
for target, kind in (("two", "Classifier"), ("three", "Classifier"), ("number", "Regressor")):
    boosted(f"xgboost {target}", lib("xgboost", "XGB" + kind, **B), target, by("xgboost"))
    boosted(f"xgboost forest {target}", lib("xgboost", "XGBRF" + kind, **B), target, by("xgboost"))
    boosted(f"lightgbm {target}", lib("lightgbm", "LGBM" + kind, verbose=-1, **B), target, by("lightgbm"))
    boosted(f"lightgbm no zipmap {target}", lib("lightgbm", "LGBM" + kind, verbose=-1, **B), target, by("lightgbm", zipmap=False))
    boosted(f"lightgbm dart {target}", lib("lightgbm", "LGBM" + kind, verbose=-1, boosting_type="dart", **B), target, by("lightgbm"))
    boosted(f"catboost {target}", lib("catboost", "CatBoost" + kind, iterations=20, depth=4, verbose=0, allow_writing_files=False), target, cat)
boosted("xgboost ranker", lib("xgboost", "XGBRanker", **B), "number", by("xgboost"))
boosted("lightgbm ranker", lib("lightgbm", "LGBMRanker", verbose=-1, **B), "number", by("lightgbm"))
boosted("xgboost poisson", lib("xgboost", "XGBRegressor", objective="count:poisson", **B), "number", by("xgboost"))
boosted("xgboost linear", lib("xgboost", "XGBRegressor", booster="gblinear", n_estimators=20), "number", by("xgboost"))
boosted("lightgbm poisson", lib("lightgbm", "LGBMRegressor", objective="poisson", verbose=-1, **B), "number", by("lightgbm"))
boosted("lightgbm split", lib("lightgbm", "LGBMRegressor", verbose=-1, **B), "number", by("lightgbm", split=5))
